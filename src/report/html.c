/* report/html.c - one incident as one page: no scripts, nothing fetched, readable in light, dark
 * and on paper.
 *
 * The picture is laid out four times, for four widths of page; the style sheet shows the one that
 * fits, so that its text has the same size on a phone and on a wall.  The sheet is allowed by its
 * hash, all else is forbidden by the page itself. */
#include "report/report_int.h"

#include <sodium.h>

/* Contrast of text on its ground is at least 4.5 in both schemes; tests/report measures it. */
static const char sheet[] =
    ":root{--bg:#fff;--fg:#15181d;--dim:#525a66;--line:#d5d9e0;--soft:#f4f5f7;--on:#fff;"
    "--t0:#6b7280;--tA:#2f66b3;--tB:#1f7a5f;--tC:#8a6500;--tD:#a8480f;--tE:#b3202c;"
    "--s1:#2f66b3;--s2:#8a6500;--s3:#a8480f;--s4:#b3202c;color-scheme:light dark}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#14171c;--fg:#e8eaee;--dim:#a3abb8;"
    "--line:#363c47;--soft:#1d2128;--on:#101216;--t0:#9aa3b2;--tA:#7fb0ff;--tB:#5fd0a8;"
    "--tC:#f0c04a;--tD:#ff9d5c;--tE:#ff7b80;--s1:#7fb0ff;--s2:#f0c04a;--s3:#ff9d5c;--s4:#ff7b80}}\n"
    "@media print{:root{--bg:#fff;--fg:#000;--dim:#444;--line:#bbb;--soft:#f4f4f4;--on:#fff;"
    "--t0:#6b7280;--tA:#2f66b3;--tB:#1f7a5f;--tC:#8a6500;--tD:#a8480f;--tE:#b3202c;"
    "--s1:#2f66b3;--s2:#8a6500;--s3:#a8480f;--s4:#b3202c;color-scheme:light}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 Arial,Helvetica,'Liberation "
    "Sans','DejaVu Sans',sans-serif;overflow-wrap:anywhere;-webkit-print-color-adjust:exact;"
    "print-color-adjust:exact}\n"
    "main,footer{max-width:2240px;margin:0 auto;padding:0 40px}footer{padding:16px 40px 40px;"
    "color:var(--dim);border-top:1px solid var(--line);margin-top:40px;font-size:14px}\n"
    ".state{border-top:10px solid var(--t0);padding-top:18px}"
    ".s1 .state,.state.s1{border-color:var(--s1)}.state.s2{border-color:var(--s2)}"
    ".state.s3{border-color:var(--s3)}.state.s4{border-color:var(--s4)}\n"
    ".kind{color:var(--dim);margin:0;font-size:14px}"
    "h1{font-size:34px;line-height:1.15;margin:4px 0 10px}.s1 h1{color:var(--s1)}"
    ".s2 h1{color:var(--s2)}.s3 h1{color:var(--s3)}.s4 h1{color:var(--s4)}"
    "h2{font-size:21px;margin:36px 0 10px;break-after:avoid}"
    ".sum{font-size:19px;max-width:80ch;margin:0 0 14px}.note{color:var(--dim);max-width:90ch;"
    "margin:0 0 10px}\n"
    "ol,ul{margin:0;padding-left:24px}li{margin:0 0 6px}.do li{font-size:18px;max-width:80ch}"
    "code{font-family:'DejaVu Sans Mono',Consolas,monospace;font-size:.88em}\n"
    ".ladder{display:flex;flex-wrap:wrap;gap:6px;list-style:none;padding:0;margin:10px 0}"
    ".ladder li{flex:1 1 130px;border:2px solid var(--line);border-radius:6px;padding:6px 10px;"
    "color:var(--dim);margin:0;line-height:1.3}.ladder b{display:block}"
    ".ladder small{font-size:13px}.ladder .yes{color:var(--fg);border-color:currentColor}"
    ".ladder .now{border-width:4px;padding:4px 8px}"
    ".ladder .s1{color:var(--s1)}.ladder .s2{color:var(--s2)}.ladder .s3{color:var(--s3)}"
    ".ladder .s4{color:var(--s4)}\n"
    ".badge{display:inline-block;min-width:24px;text-align:center;border-radius:12px;padding:0 6px;"
    "font-weight:700;font-size:14px;line-height:24px;color:var(--on);background:var(--t0)}"
    ".tA{--t:var(--tA)}.tB{--t:var(--tB)}.tC{--t:var(--tC)}.tD{--t:var(--tD)}.tE{--t:var(--tE)}"
    ".t0{--t:var(--t0)}.badge{background:var(--t)}\n"
    ".key{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;padding:0;margin:6px 0 16px;"
    "font-size:14px;color:var(--dim)}.key li{margin:0}\n"
    ".steps{list-style:none;padding:0;max-width:110ch}.steps>li{display:grid;"
    "grid-template-columns:30px 34px 1fr;gap:0 6px;margin:0;padding:7px 0;border-bottom:1px solid "
    "var(--line);break-inside:avoid}.steps .n{font-weight:700;text-align:right;padding-right:4px}"
    ".steps .w{color:var(--dim);font-size:14px}.steps b{display:block}\n"
    ".two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));"
    "gap:0 48px}\n"
    "table{border-collapse:collapse;width:100%;font-size:14px}caption{text-align:left;"
    "color:var(--dim);padding:0 0 6px}th,td{text-align:left;vertical-align:top;padding:5px 10px "
    "5px "
    "0;border-bottom:1px solid "
    "var(--line)}th{color:var(--dim);font-weight:700;overflow-wrap:normal}"
    "tr{break-inside:avoid}td.t{white-space:nowrap}td.s{overflow-wrap:normal}td.n{min-width:12ch}"
    "tr.on td{font-weight:700}"
    "tr.on td.e{font-weight:400}.e{color:var(--dim);font-size:13px}\n"
    "svg.pic{display:none;width:100%;height:auto;background:var(--bg);border:1px solid var(--line);"
    "border-radius:6px;font:11px Arial,Helvetica,'Liberation Sans','DejaVu Sans',sans-serif}"
    "svg.p2{display:block}\n"
    "svg text{fill:var(--fg)}.ln{fill:var(--bg)}.ln.odd{fill:var(--soft)}.rail{stroke:var(--line);"
    "fill:none}.host.start{font-weight:700}.tick{stroke:var(--line);stroke-dasharray:1 3}"
    "svg .time{fill:var(--dim)}\n"
    ".cut rect{fill:var(--bg)}.cut path{stroke:var(--dim);fill:none}svg .cut text{fill:var(--dim);"
    "text-anchor:middle;font-weight:700}\n"
    ".flag{color:var(--t0)}.flag.s1{color:var(--s1)}.flag.s2{color:var(--s2)}"
    ".flag.s3{color:var(--s3)}.flag.s4{color:var(--s4)}.flag path{stroke:currentColor;"
    "stroke-width:2;fill:none}.flag rect{fill:currentColor}svg .flag text{fill:var(--on);"
    "font-weight:700}\n"
    ".arrow path{stroke:var(--dim);stroke-width:1.5;fill:none}.arrow path.head{fill:var(--dim);"
    "stroke:none}.arrow.strong path{stroke-width:2.2}.arrow.weak path{stroke-dasharray:4 3}"
    ".many .arrow{opacity:.45}.arrow.weak path.head,.arrow.strong path.head{stroke:none}"
    ".chain{stroke:var(--fg);stroke-width:3;fill:none;opacity:.75}\n"
    ".mark rect{fill:var(--t);stroke:var(--bg)}svg .mark text{fill:var(--on);text-anchor:middle;"
    "font-weight:700}.mark rect.ring{fill:var(--bg);stroke:var(--fg);stroke-width:2}"
    ".step,.host{paint-order:stroke;stroke:var(--bg);stroke-width:3px;stroke-linejoin:round}"
    ".step .no{font-weight:700}.step.end{text-anchor:end}.arrow circle{fill:var(--dim)}\n"
    "@media(max-width:1199px){main,footer{padding-left:24px;padding-right:24px}"
    "svg.p2{display:none}svg.p1{display:block}}\n"
    "@media(min-width:1500px){.steps{columns:2;column-gap:48px;max-width:none}}\n"
    "@media(min-width:1900px){svg.p2{display:none}svg.p3{display:block}}\n"
    "@media(max-width:699px){main,footer{padding-left:14px;padding-right:14px}h1{font-size:27px}"
    ".sum{font-size:17px}svg.p1{display:none}svg.p0{display:block}.ladder li{flex-basis:100%}"
    ".ladder b{display:inline}}\n"
    "@media(max-width:1199px){thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-"
    "path:inset(50%)}"
    "table,tbody,tr,td,caption{display:block}tr{border-bottom:1px solid var(--line);padding:6px "
    "0}td{border:0;padding:1px 0}td:empty{display:none}td[data-h]::before{content:attr(data-h) "
    "\": \";color:var(--dim);font-weight:400}td.t{white-space:normal}td.n{min-width:0}}\n"
    "@media print{table{font-size:8pt}td.t{white-space:normal}td.n{min-width:0}.e{font-size:7.5pt;"
    "min-width:26ch}}\n"
    "@media print{@page{size:A4;margin:14mm}body{font-size:11pt}main,footer{padding:0}h1{font-size:"
    "22pt}svg.p0,svg.p2,svg.p3{display:none!important}svg.p1{display:block!important;break-inside:"
    "avoid}section{break-inside:auto}}\n";

static void
put_policy(struct tcs_buf *b)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[sodium_base64_ENCODED_LEN(sizeof hash, sodium_base64_VARIANT_ORIGINAL)];
    crypto_hash_sha256(hash, (const unsigned char *)sheet, sizeof sheet - 1);
    sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
    tcs_base_buf_printf(
        b,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n",
        text);
}

static void
put_head(struct tcs_buf *b, const struct tcs_incident *in)
{
    tcs_buf_lit(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    put_policy(b);
    tcs_buf_lit(b, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                   "<meta name=\"referrer\" content=\"no-referrer\">\n"
                   "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    tcs_base_buf_str(b, tcs_base_str_of(report_state_says(in->state)));
    tcs_buf_lit(b, " \xe2\x80\x93 incident ");
    report_html(b, tcs_base_str_slice(tcs_base_str_of(in->id), 0, 8), RP_NAME_MAX);
    tcs_buf_lit(b, "</title>\n<style>");
    tcs_base_buf_put(b, sheet, sizeof sheet - 1);
    tcs_buf_lit(b, "</style>\n</head>\n<body>\n");
}

static bool
put_pictures(struct tcs_buf *b, const struct tcs_incident *in)
{
    static const struct {
        const char *name;
        int width;
    } sizes[] = {{"p0", 360}, {"p1", 680}, {"p2", 1180}, {"p3", 1900}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct tcs_arena *a = tcs_base_arena_new(0);
        struct rp_chart c;
        bool good = a && report_chart_layout(a, in, sizes[i].width, &c);
        if (good) {
            c.name = sizes[i].name;
            report_chart_draw(b, &c);
        }
        tcs_base_arena_free(a);
        if (!good)
            return false;
    }
    return true;
}

static void
put_key(struct tcs_buf *b)
{
    tcs_buf_lit(b, "<ul class=\"key\" aria-label=\"How to read the picture\">\n");
    for (uint8_t s = TCS_STAGE_ACCOUNT; s < TCS_STAGES; s++) {
        tcs_buf_lit(b, "<li>");
        report_html_badge(b, s);
        tcs_base_buf_c(b, ' ');
        tcs_base_buf_str(b, tcs_base_str_of(tcs_attack_stage_name(s)));
        tcs_buf_lit(b, "</li>");
    }
    tcs_buf_lit(b, "<li>larger: higher level</li><li>ringed and numbered: the chain</li>"
                   "<li>\xc3\x97n: so many links in one place</li><li>arrow: from host to host</li>"
                   "<li>vertical line: the state changed</li><li>zigzag: time left out</li>"
                   "<li>time is not to scale</li></ul>\n");
}

void
report_write_html(struct tcs_buf *b, const struct tcs_incident *in)
{
    uint8_t state = in->state < TCS_STATES ? in->state : 0;
    struct tcs_buf pictures = {0};
    put_head(b, in);
    tcs_base_buf_printf(b, "<main class=\"s%u\">\n", state);
    if (in->nlinks) {
        tcs_buf_lit(&pictures,
                    "<section aria-labelledby=\"h-pic\"><h2 id=\"h-pic\">Who, where, and "
                    "what came after what</h2>\n");
        pictures.failed |= !put_pictures(&pictures, in);
        put_key(&pictures);
        tcs_buf_lit(&pictures, "</section>\n");
    }
    report_html_header(b, in);
    tcs_base_buf_str(b, tcs_base_buf_view(&pictures));
    b->failed |= pictures.failed;
    tcs_base_buf_done(&pictures);
    report_html_sections(b, in);
    tcs_buf_lit(b, "</body>\n</html>\n");
}
