export const COSTS_STYLE = `:root {
  color-scheme: light dark;
  --ink: #1b1f24; --paper: #fbfbfa; --quiet: #656d76; --line: #d8dbdf; --bar: #3d7ea6; --over: #b3402a;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ea; --paper: #15181b; --quiet: #9aa3ac; --line: #33393f; --bar: #5ea3cd; --over: #e0745d; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: baseline; border-bottom: 1px solid var(--line); }
header nav { display: flex; gap: .75rem; flex: 1; }
h1 { font-size: 1.4rem; margin: .5rem 0; }
h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
a { color: inherit; }
a[aria-current] { font-weight: 600; text-decoration: none; }
p, small { color: var(--quiet); }
form { max-width: 32rem; margin: 3rem 0; display: grid; gap: .5rem; }
input, button { font: inherit; padding: .4rem .6rem; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 4px; }
button { cursor: pointer; justify-self: start; }
:focus-visible { outline: 2px solid var(--bar); outline-offset: 2px; }
[role=alert] { color: var(--over); }
dl { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; }
dt { color: var(--quiet); }
dd { margin: 0; font-size: 1.4rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
th { font-weight: 500; color: var(--quiet); }
.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.share { width: 35%; }
.bar { height: .8rem; min-width: 1px; background: var(--bar); border-radius: 2px; }
.over { background: var(--over); }
`;
