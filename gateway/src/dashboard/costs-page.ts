/** The page of costs. It holds no figure and no secret: what it shows it asks of the management API, with the key of who looks. */
export const COSTS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Costs · XiDao Gateway</title>
<link rel="stylesheet" href="costs.css">
<script src="costs.js" defer></script>
</head>
<body>
<header>
<h1>Costs</h1>
<nav aria-label="Period" id="periods"></nav>
<button type="button" id="leave" hidden>Forget the key</button>
</header>
<noscript><p>This page needs JavaScript. The same figures: <code>xidao cost report --period 24h --group-by team</code>.</p></noscript>
<main>
<form id="enter" hidden>
<label for="key">Admin key, or a key of the scope <code>read-only</code> or <code>management</code></label>
<input id="key" type="password" autocomplete="off" spellcheck="false" required>
<button type="submit">Show</button>
<p>It stays in this tab until the tab is closed.</p>
</form>
<p id="trouble" role="alert" hidden></p>
<div id="figures" aria-live="polite" hidden>
<p id="about"></p>
<dl id="totals"></dl>
<section><h2>By team</h2><div id="by-team"></div></section>
<section><h2>By model</h2><div id="by-model"></div></section>
<section><h2>By day (UTC)</h2><div id="by-day"></div></section>
<section><h2>Not spent</h2><p>Each line stands alone; one call can be in several, so they are not summed.</p><div id="savings"></div></section>
<section id="budgets-section" hidden><h2>Budgets</h2><div id="budgets"></div></section>
</div>
</main>
</body>
</html>
`;
