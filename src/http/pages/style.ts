/** The style of all pages. The page policy admits exactly this text. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1b1b1b;--paper:#fff;--soft:#f2f2f0;--line:#cfcfca;--link:#0b4f9e;--quiet:#595959}
@media (prefers-color-scheme:dark){:root{--ink:#e8e8e8;--paper:#181818;--soft:#252525;--line:#444;--link:#8ab8f0;--quiet:#a8a8a8}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{font:1rem/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:48rem;color:var(--ink);background:var(--paper);overflow-wrap:break-word}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,pre:focus-visible{outline:3px solid var(--link);outline-offset:2px}
h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.3rem;margin-top:2.5rem;border-bottom:2px solid var(--line)}
h3{font-size:1.1rem;margin:2rem 0 .3rem}h4{font-size:1rem;margin:1rem 0 .3rem}h2,h3,h4{break-after:avoid}
code,pre{font:.875em/1.5 ui-monospace,monospace}code{background:var(--soft);padding:0 .25em;overflow-wrap:anywhere}
pre{background:var(--soft);padding:.75rem;overflow-x:auto;max-height:30rem}pre code{background:none;padding:0;overflow-wrap:normal}
p{margin:.5rem 0}h3 a{color:inherit;text-decoration:none}h3 a:hover{text-decoration:underline}
ul{padding-left:1.2rem;margin:.5rem 0}li{margin:.25rem 0}dt{font-weight:600;margin-top:.5rem}dd{margin-left:1rem}
.quiet{color:var(--quiet)}.method{font-weight:700;text-transform:uppercase}
.schema{list-style:none;padding-left:.8rem;border-left:2px solid var(--line);margin:.3rem 0}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:0;background:var(--paper);padding:.5rem}
summary{cursor:pointer}nav ul{list-style:none;padding-left:.5rem}
.toc>details{border:1px solid var(--line);padding:.5rem}
@media (min-width:70rem){body.wide{max-width:84rem;display:grid;grid-template-columns:20rem minmax(0,1fr);column-gap:2.5rem}
body.wide>header,body.wide>footer{grid-column:1/-1}.toc>details{border:0}.toc summary{display:none}
.toc details::details-content{content-visibility:visible;display:block}.toc{position:sticky;top:0;max-height:100vh;overflow-y:auto;align-self:start;font-size:.9rem}}
@media print{:root{--ink:#000;--paper:#fff;--soft:#f6f6f6;--link:#000}body,body.wide{display:block;max-width:none}
.toc,.skip,.lang{display:none}pre{max-height:none;white-space:pre-wrap;overflow-wrap:anywhere}article{break-inside:auto}
details::details-content{content-visibility:visible;display:block}}
`
