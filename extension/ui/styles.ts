/** The card’s looks. Colours are variables, switched by the theme Gmail shows, not by the system’s. */
export const styles = `
:host { all: initial; }
@media print { :host { display: none !important; } }
.tp, .panel {
  --ink: #1f2328; --soft: #57606a; --line: #d8dee4; --paper: #fff; --tint: #f4f6f8; --accent: #1a5fb4; --on-accent: #fff;
  --good: #1a6b3c; --good-bg: #dff3e6; --warn: #7a4b00; --warn-bg: #fdf0d5; --bad: #a1201b; --bad-bg: #fde7e6;
}
.tp {
  font: 13px/1.45 "Google Sans", Roboto, system-ui, sans-serif; color: var(--ink); background: var(--paper);
  display: block; padding: 12px 14px; border: 1px solid var(--line); border-radius: 12px; max-height: min(var(--tp-max-height, 100vh), calc(100vh - 16px)); overflow: auto;
  box-shadow: 0 2px 10px rgb(0 0 0 / .12); box-sizing: border-box; overscroll-behavior: contain;
}
.tp.dark, .dark .tp, .panel.dark {
  --ink: #e6e8eb; --soft: #a5adb6; --line: #3b4148; --paper: #202328; --tint: #2b2f35; --accent: #8ab8f5; --on-accent: #10151b;
  --good: #8fdcaa; --good-bg: #1d3a29; --warn: #f2c979; --warn-bg: #3d3115; --bad: #ffb0ab; --bad-bg: #47201e; color-scheme: dark;
}
.compact .tp { padding: 8px 10px; line-height: 1.35; }
.panel { background: var(--paper); color: var(--ink); min-height: 100vh; }
.panel .tp { border: 0; border-radius: 0; box-shadow: none; max-height: none; }
* { box-sizing: border-box; }
h2 { font-size: 15px; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
h2 small { font-weight: 400; color: var(--soft); font-size: 13px; }
header { position: relative; }
button.fold { position: absolute; inset-block-start: -4px; inset-inline-end: -4px; border: 0; background: none; padding: 2px 9px; font-size: 16px; color: var(--soft); }
header h2 { padding-inline-end: 56px; }
button.move { position: absolute; inset-block-start: -4px; inset-inline-end: 26px; border: 0; background: none; padding: 2px 7px; font-size: 16px; color: var(--soft); cursor: move; touch-action: none; }
.contact { overflow-wrap: anywhere; } a { color: var(--accent); }
.owner { grid-template-columns: auto 1fr; align-items: center; gap: 8px; margin: 6px 0; }
.strip .tp:not(:has(.fold[aria-expanded=true])) { max-height: 45vh; }
.link[aria-pressed=true] { font-weight: 700; text-decoration: none; }
h3 { font-size: 12px; font-weight: 600; margin: 10px 0 2px; color: var(--soft); }
p { margin: 4px 0; }
ul { list-style: none; margin: 0; padding: 0; }
small { color: var(--soft); font-size: 12px; }
.muted { color: var(--soft); }
.quiet { color: var(--soft); margin: 0; overflow-wrap: anywhere; }
.reason { margin: 6px 0; }
.segment { display: inline-block; padding: 1px 9px; border-radius: 99px; font-weight: 600; background: var(--tint); color: var(--ink); }
.segment.activated { background: var(--good-bg); color: var(--good); }
.segment.exploring { background: var(--warn-bg); color: var(--warn); }
.clock svg { width: 100%; height: 6px; display: block; margin: 4px 0; }
.clock .track { fill: var(--line); } .clock .past { fill: var(--accent); } .clock .past.late { fill: var(--bad); } .clock .mark { fill: var(--ink); }
.milestones li { display: flex; gap: 6px; align-items: baseline; }
.milestones li small { margin-inline-start: auto; white-space: nowrap; }
.colleagues li { display: flex; flex-wrap: wrap; gap: 0 8px; } .colleagues li small { margin-inline-start: auto; } .colleagues a { overflow-wrap: anywhere; }
.milestones .done span { color: var(--good); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(90px, 1fr)); gap: 2px 10px; margin: 8px 0; }
dt { color: var(--soft); font-size: 12px; } dd { margin: 0; }
.why { display: block; }
button { font: inherit; color: var(--ink); background: var(--tint); border: 1px solid var(--line); border-radius: 8px; padding: 5px 11px; cursor: pointer; }
button:disabled { opacity: .6; cursor: default; }
button.primary { background: var(--accent); color: var(--on-accent); border-color: var(--accent); font-weight: 600; }
button.link { background: none; border: 0; padding: 2px 0; color: var(--accent); text-decoration: underline; text-underline-offset: 2px; }
button:focus-visible, input:focus-visible, select:focus-visible, textarea:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.actions { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; }
.extend { margin: 10px 0; } .extend form { margin-top: 8px; padding: 10px; background: var(--tint); border-radius: 8px; display: grid; gap: 8px; }
fieldset { border: 0; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; }
legend { padding: 0; margin-bottom: 4px; color: var(--soft); font-size: 12px; }
label { display: grid; gap: 2px; } label.option { display: inline-flex; gap: 4px; align-items: center; }
input, select, textarea { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: 4px 6px; max-width: 100%; }
input[type=radio] { accent-color: var(--accent); }
textarea { width: 100%; resize: vertical; }
.fault { margin: 0; color: var(--bad); }
.preview { margin: 0; } .preview span { display: flex; flex-wrap: wrap; gap: 0 8px; color: var(--soft); font-size: 12px; } .preview i { font-style: normal; margin-inline-start: auto; }
.toast { background: var(--good-bg); color: var(--good); border-radius: 8px; padding: 6px 10px; }
.toast .link { color: inherit; font-weight: 600; }
.warning { background: var(--warn-bg); color: var(--warn); border-radius: 8px; padding: 6px 10px; }
.failure { background: var(--bad-bg); color: var(--bad); border-radius: 8px; padding: 6px 10px; margin: 6px 0; }
.invitation { display: grid; gap: 8px; justify-items: start; } .invitation p { margin: 0; }
.find { display: flex; flex-wrap: wrap; gap: 8px; align-items: end; margin-top: 6px; } .panel > .find { padding: 12px 14px 0; font: 13px/1.45 system-ui, sans-serif; }
.find label { flex: 1 1 140px; } .find p { flex-basis: 100%; margin: 0; color: var(--bad); }
.failure p { margin: 0; } .failure .link { color: inherit; font-weight: 600; }
.people { display: flex; flex-wrap: wrap; gap: 4px; margin-bottom: 8px; }
.chip { padding: 1px 8px; border-radius: 99px; max-width: 150px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: 12px; }
.chip[aria-pressed=true] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.chip.known { font-weight: 600; }
summary { cursor: pointer; color: var(--soft); padding: 3px 0; overflow-wrap: anywhere; }
details li { padding: 3px 0; } details li small { display: block; }
.notes { display: grid; gap: 6px; justify-items: start; } .notes label { width: 100%; }
.skeleton { opacity: 0; animation: appear 0s .15s forwards; display: grid; gap: 8px; padding: 6px 0; }
.skeleton i { height: 12px; border-radius: 6px; background: var(--line); }
@keyframes appear { to { opacity: 1; } }
.sr, .live { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: no-preference) { .past { transition: width .3s; } }
@media (forced-colors: active) { .segment, .toast, .warning, .failure { border: 1px solid; } }
`
