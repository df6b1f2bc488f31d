package io.wgfabric.scale.report;

/** How the page looks, in light and in dark. */
final class Style {
    /** Not escaped where it is used: it has none of the characters that would be. */
    static final String CSS = """
            :root { color-scheme: light dark; --plane: #f9f9f7; --surface: #fcfcfb; --ink: #0b0b0b; --second: #52514e;
              --muted: #767570; --grid: #e1e0d9; --base: #c3c2b7; --edge: #e4e3dd; --good: #b7d3f6; --self: #ecebe5;
              --bad: #d03b3b; --fine: #006300; --c0: #2a78d6; --c1: #1baf7a; --c2: #eda100; --c3: #4a3aa7; --c4: #e87ba4; }
            @media (prefers-color-scheme: dark) { :root { --plane: #0d0d0d; --surface: #1a1a19; --ink: #ffffff;
              --second: #c3c2b7; --muted: #98978f; --grid: #2c2c2a; --base: #383835; --edge: #2a2a28; --good: #184f95;
              --self: #2c2c2a; --bad: #e66767; --fine: #0ca30c; --c0: #3987e5; --c1: #199e70; --c2: #c98500;
              --c3: #9085e9; --c4: #d55181; } }
            * { box-sizing: border-box; }
            body { margin: 0 auto; padding: 32px 24px 64px; max-width: 1160px; background: var(--plane); color: var(--ink);
              font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
            h1 { font-size: 26px; line-height: 1.25; margin: 0; font-weight: 650; }
            h2 { font-size: 18px; margin: 40px 0 12px; font-weight: 650; }
            h3 { font-size: 15px; margin: 0; font-weight: 600; overflow-wrap: anywhere; }
            p { margin: 4px 0; color: var(--second); max-width: 90ch; overflow-wrap: anywhere; }
            .tiles { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 24px; }
            .tile, .card { background: var(--surface); border: 1px solid var(--edge); border-radius: 8px; }
            .tile { padding: 12px 18px; min-width: 150px; flex: 1 1 150px; }
            .tile b { display: block; font-size: 28px; line-height: 1.3; font-weight: 600; }
            .tile small { font-size: 16px; font-weight: 400; color: var(--second); }
            .tile span { color: var(--second); font-size: 13px; }
            .card { padding: 16px; overflow-x: auto; margin-bottom: 12px; }
            .plots { display: grid; margin-bottom: 12px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 12px; }
            .plots .card, .facts .card { margin: 0; }
            .facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)); gap: 12px; }
            .legend { display: flex; flex-wrap: wrap; gap: 6px 20px; margin-bottom: 8px; color: var(--second);
              font-size: 13px; }
            .legend i { display: inline-block; width: 16px; height: 3px; border-radius: 2px; margin-right: 6px;
              vertical-align: middle; }
            .legend i.box { width: 12px; height: 12px; }
            i.c0 { background: var(--c0); } i.c1 { background: var(--c1); } i.c2 { background: var(--c2); }
            i.c3 { background: var(--c3); } i.c4 { background: var(--c4); } i.good { background: var(--good); }
            i.bad { background: var(--bad); } i.self { background: var(--self); }
            .failed { color: var(--bad); font-weight: 600; } .passed { color: var(--fine); font-weight: 600; }
            table { border-collapse: collapse; width: 100%; font-size: 14px; }
            th { text-align: left; font-weight: 500; color: var(--second); font-size: 13px; }
            th, td { padding: 6px 10px; border-bottom: 1px solid var(--grid); vertical-align: top; }
            tr:last-child td { border-bottom: 0; }
            td { overflow-wrap: anywhere; }
            .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
            .facts td { padding: 4px 0; }
            .facts td.n { padding-left: 12px; white-space: normal; }
            svg { display: block; width: 100%; height: auto; font-size: 11px; }
            svg text { fill: var(--muted); }
            svg text.end { text-anchor: end; } svg text.middle { text-anchor: middle; }
            svg text.value { fill: var(--ink); font-size: 12px; font-weight: 600; paint-order: stroke;
              stroke: var(--surface); stroke-width: 3px; }
            svg text.label { fill: var(--second); }
            .grid { stroke: var(--grid); } .base { stroke: var(--base); }
            .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
            .line.c0 { stroke: var(--c0); } .line.c1 { stroke: var(--c1); } .line.c2 { stroke: var(--c2); }
            .line.c3 { stroke: var(--c3); } .line.c4 { stroke: var(--c4); }
            .wash { fill: var(--c0); opacity: 0.1; }
            .dot { fill: var(--c0); stroke: var(--surface); stroke-width: 2; }
            .mark { stroke: var(--muted); stroke-dasharray: 3 3; } .mark.bad { stroke: var(--bad); stroke-width: 1.5; }
            .cell.good { fill: var(--good); } .cell.self { fill: var(--self); } .cell.bad { fill: var(--bad); }
            .cross { stroke: var(--surface); stroke-width: 2; }
            """;

    private Style() {}
}
