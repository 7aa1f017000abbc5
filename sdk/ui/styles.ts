/**
 * One sheet for all nudges. Logical properties carry RTL; custom properties `--tp-*` set on the page reach in here,
 * because `all: initial` does not reset them; where it sets none, those of the brand (`--b-*`, see
 * `shared/brand/dress.ts`) do. An important declaration in here wins over any of the page.
 */
export const styles = `
:host{all:initial!important;display:block!important;--a:var(--tp-accent,var(--b-a,#4338ca));--g:var(--tp-accent,var(--b-g,#4338ca));--oa:var(--tp-on-accent,var(--b-o,#fff));--bg:var(--tp-background,#fff);--fg:var(--tp-color,#16181d);--mu:var(--tp-muted,#565b68);--li:var(--tp-border,#e3e5ea);--so:var(--tp-soft,#f3f4f8);--r:var(--tp-radius,var(--b-r,14px));--ok:#157347;--sh:0 1px 2px #10182814,0 12px 32px -8px #10182833;color-scheme:light}
:host([popover]){position:fixed!important;inset:0 auto auto 0!important}
:host([data-theme=dark]){--a:var(--tp-accent-dark,var(--b-A,#a5b4fc));--g:var(--a);--oa:var(--tp-on-accent-dark,var(--b-O,#15163a));--bg:var(--tp-background-dark,#1b1d24);--fg:var(--tp-color-dark,#f2f3f7);--mu:var(--tp-muted-dark,#a9afbd);--li:var(--tp-border-dark,#343844);--so:var(--tp-soft-dark,#262933);--ok:#6ee7a8;--sh:0 0 0 1px #ffffff0f,0 16px 40px -8px #000c;color-scheme:dark}
*{box-sizing:border-box;margin:0}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.p{font:400 15px/1.5 var(--tp-font,var(--b-f,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif));color:var(--fg);background:var(--bg);border:1px solid var(--li);border-radius:var(--r);box-shadow:var(--sh);padding:20px;text-align:start;overflow-wrap:anywhere;animation:in .24s cubic-bezier(.2,.8,.3,1)}
@keyframes in{from{opacity:0;transform:translateY(10px) scale(.985)}}
@keyframes fade{from{opacity:0}}
.t{font-size:16px;line-height:1.35;font-weight:650;letter-spacing:-.006em;text-wrap:balance}
.b{color:var(--mu);margin-block-start:4px;text-wrap:pretty}
.b b{color:var(--fg);font-weight:650}
.b a,li a{color:var(--a);text-underline-offset:2px}
.x{position:absolute;inset-block-start:10px;inset-inline-end:10px;display:grid;place-items:center;width:32px;height:32px;padding:0;border:0;border-radius:8px;background:none;color:var(--mu);cursor:pointer}
.x:hover{background:var(--so);color:var(--fg)}
section>.w .t{padding-inline-end:26px}.m .t{padding-inline-end:20px}
.f{display:flex;flex-wrap:wrap;align-items:center;gap:8px;margin-block-start:16px}
.go,.no{font:inherit;font-size:14px;line-height:20px;font-weight:600;padding:8px 16px;min-height:38px;border:1px solid transparent;border-radius:calc(var(--r)*.65);cursor:pointer;text-decoration:none;text-align:center}
.go{background:var(--g);color:var(--oa);box-shadow:inset 0 1px #ffffff26,0 1px 2px #10182826}
.go:hover{filter:brightness(1.08)}
.go:active{transform:translateY(1px)}
.no{background:none;color:var(--mu);padding-inline:12px}.no:first-child{margin-inline-start:-12px}
.no:hover{background:var(--so);color:var(--fg)}
:focus-visible{outline:2px solid var(--a);outline-offset:2px}
svg{width:20px;height:20px;display:block;flex:none;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
.card,.banner,.pill{position:fixed;z-index:2147483000}
.card,.banner,.pill,.flat{max-height:calc(100dvh - 24px);overflow:auto}
.card{inset-block-end:20px;inset-inline-end:20px;width:min(380px,calc(100vw - 32px));}
.m{outline:0;margin:auto;padding:28px;width:min(460px,calc(100vw - 32px));max-height:calc(100dvh - 48px);border-radius:calc(var(--r) + 4px)}
.m .t{font-size:21px;line-height:1.28;letter-spacing:-.014em}
.m .b{margin-block-start:8px;font-size:16px}
.m .f{margin-block-start:24px}
.m .go,.m .no{padding:10px 18px;min-height:42px;font-size:15px}
.m::backdrop{background:#0e1018;opacity:.5;animation:fade .2s}
.i{display:grid;place-items:center;width:44px;height:44px;margin-block-end:16px;border-radius:12px;color:var(--a);background:color-mix(in srgb,var(--a) 12%,transparent)}
.banner{inset-block-start:12px;inset-inline:0;margin-inline:auto;width:min(880px,calc(100vw - 24px));display:flex;align-items:center;gap:12px 20px;padding:12px 16px 12px 20px;padding-inline:20px 12px}
.banner .w{flex:1;min-width:0}
.banner .t{font-size:15px}
.banner .b{margin:0;font-size:14px}
.banner .x{position:static;flex:none}
.banner .go,.pill .go{flex:none;padding-block:6px;min-height:34px}
.banner .t,.count .t{padding:0!important}
.tip{position:fixed;z-index:2147483001;width:min(320px,calc(100vw - 24px));inset-block-start:0;left:0;animation-name:fade}
.tip:before{content:"";position:absolute;inset-block-start:-7px;left:var(--arrow);width:12px;height:12px;background:inherit;border:inherit;border-width:1px 0 0 1px;rotate:45deg}.tip.above:before{inset-block:auto -7px;rotate:225deg}.flat:before{display:none}
.slot{position:relative;box-shadow:none}
.slot .go{display:inline-block;margin-block-start:14px}
.slot .f .go{margin:0}
.bar{height:8px;margin-block-start:14px;border-radius:9px;background:var(--li);overflow:hidden}
.bar:before{content:"";display:block;height:100%;width:calc(100%*var(--share));border-radius:inherit;background:var(--a);transition:width .4s}
.high .bar:before{background:#d97706}.full .bar:before{background:#dc2626}
.row{justify-content:space-between;margin-block-start:10px}
.n{color:var(--mu);font-size:14px;font-variant-numeric:tabular-nums}
.n b{color:var(--fg)}
.list{padding:0}
.head{display:flex;align-items:center;gap:10px;width:100%;padding:16px 18px 12px;border:0;border-radius:var(--r) var(--r) 0 0;background:none;color:inherit;font:inherit;text-align:start;cursor:pointer}
.head .t{flex:1}
.head svg{color:var(--mu);transition:rotate .2s}
.head[aria-expanded=false] svg{rotate:180deg}
.list .bar{margin:0 18px 16px;height:6px}

.l{padding:0 18px 16px}
.l .b{margin:0 0 8px;font-size:14px}
ul{list-style:none;padding:0}
li{display:flex;gap:12px;padding:7px 0}
li small{display:block;color:var(--mu);font-size:13px;line-height:1.4}
.tick{display:grid;place-items:center;flex:none;width:22px;height:22px;border:2px solid var(--li);border-radius:50%}
.next .tick{border-color:var(--a)}
.done .tick{border-color:var(--ok);background:var(--ok);color:var(--bg)}
.tick svg{width:14px;height:14px;stroke-width:2}
.done,.done s{color:var(--mu)}
.pill{inset-block-end:20px;inset-inline-start:20px;display:flex;align-items:center;gap:12px;max-width:calc(100vw - 32px);padding:10px 10px 10px 16px;padding-inline:16px 8px}
.count{display:flex;align-items:center;gap:12px}
.count>svg{color:var(--a)}
.count .w{flex:1}
.count .t{font-size:13px;font-weight:500;color:var(--mu);letter-spacing:0}
.count .b{margin:0;font-size:13px}
.count [role=timer]{color:var(--fg);font-size:15px;font-weight:650;font-variant-numeric:tabular-nums}
.count .x{position:static;flex:none}
.count .go{margin:0}
.count.soon [role=timer],.count.soon>svg{color:#c2410c}
:host([data-theme=dark]) .count.soon [role=timer],:host([data-theme=dark]) .count.soon>svg{color:#fdba74}
fieldset{display:grid;gap:8px;margin-block-start:14px;padding:0;border:0;min-width:0}
legend{padding:0 0 8px;font-weight:600}legend:empty{display:none}
.a{display:flex;justify-content:space-between;align-items:center;gap:8px;min-height:42px;padding:9px 14px;border:1px solid var(--li);border-radius:calc(var(--r)*.65);background:none;color:inherit;font:inherit;text-align:start;cursor:pointer;transition:border-color .12s,background .12s}
.a:hover:enabled{border-color:var(--a);background:var(--so)}
.a[aria-pressed=true]{border-color:var(--a);color:var(--a);font-weight:600;cursor:default}
.a:disabled{opacity:.45;cursor:default}
.pv{position:absolute;inset-block-start:-11px;inset-inline-start:16px;padding:1px 8px;border-radius:9px;background:var(--g);color:var(--oa);font-size:12px;font-weight:600}
@media(max-width:520px){.card,.pill{inset-inline:12px;inset-block-end:12px;width:auto}.banner,.count{flex-wrap:wrap}.banner .w,.count .w{flex-basis:60%}.banner .go,.count .go{order:1;flex:1 1 100%}.pill{padding-inline-end:16px;padding-block-end:14px}.m{margin-block-end:16px;padding:24px 20px}.m .go{flex:1 1 100%}.m .no{flex:1}}
@media(prefers-reduced-motion:reduce){*,.p,::backdrop{animation:none!important;transition:none!important}}
@media(forced-colors:active){.p{border:2px solid CanvasText}.go{border-color:LinkText}.bar{border:1px solid CanvasText}.bar:before{background:Highlight;forced-color-adjust:none}.done .tick{background:Highlight;color:HighlightText;forced-color-adjust:none}}
@media print{:host{display:none!important}}
`
