export const optionsStyles = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0; font-size: 100%; } main { max-width: 560px; margin: 0 auto; padding: 24px 20px 40px; }
html { background: Canvas; color: CanvasText; } p { margin: 0; }
h1 { font-size: 22px; } h2 { font-size: 16px; margin: 28px 0 0; }
form, section { display: grid; gap: 10px; justify-items: start; }
label { display: grid; gap: 4px; width: 100%; } label.row { display: flex; gap: 8px; align-items: baseline; }
input:not([type=checkbox]), textarea { font: inherit; width: 100%; padding: 7px 9px; box-sizing: border-box; border: 1px solid #8c959f; border-radius: 8px; }
button { font: inherit; padding: 7px 16px; border-radius: 8px; border: 1px solid #1a5fb4; background: #1a5fb4; color: #fff; cursor: pointer; }
button:disabled { opacity: .6; } :focus-visible { outline: 2px solid #4a90e2; outline-offset: 2px; }
[role=alert] { background: #fde7e6; color: #a1201b; padding: 8px 12px; border-radius: 8px; }
strong.good { color: #1a6b3c; } strong.degraded { color: #7a4b00; } strong.lost { color: #a1201b; }
@media (prefers-color-scheme: dark) { strong.good { color: #8fdcaa; } strong.degraded { color: #f2c979; } strong.lost { color: #ffb0ab; } }
ul { padding-inline-start: 18px; margin: 0; overflow-wrap: anywhere; }
`
