package dev.holdfast.tck.report;

/** Looks for texts that cannot be read well, by WCAG 2.1 AA: 4.5 to 1, or 3 to 1 where they are large. */
final class Contrast {
    /** An expression that lists every visible text whose contrast is too low. */
    static final String TOO_LOW = """
            (() => {
              const parse = (css) => (css.match(/[\\d.]+/g) || []).map(Number);
              const light = (rgb) => {
                const [r, g, b] = rgb.slice(0, 3).map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
              };
              const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
              // What a text in a picture is written on.
              const bars = { token: '.held', 'wrong-text inside-bar': '.overlap-hit', 'fault-text inside-bar': '.faultbar' };
              const behind = (element) => {
                const bar = bars[element.getAttribute('class')];
                if (bar) return parse(getComputedStyle(document.querySelector('.scroll ' + bar)).fill);
                for (let each = element; each; each = each.parentElement) {
                  const colour = parse(getComputedStyle(each).backgroundColor);
                  if (colour.length === 3 || colour[3] > 0) return colour;
                }
                return [255, 255, 255];
              };
              const low = [];
              for (const element of document.querySelectorAll('body *')) {
                const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
                if (!own || ['SCRIPT', 'NOSCRIPT', 'title'].includes(element.tagName) || !element.getClientRects().length) continue;
                const style = getComputedStyle(element);
                const size = parseFloat(style.fontSize);
                const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
                const found = ratio(parse(element instanceof SVGElement ? style.fill : style.color), behind(element));
                if (found < needed) low.push(`${element.tagName}.${element.getAttribute('class')} '${element.textContent.slice(0, 30)}' ${found.toFixed(2)}`);
              }
              return low;
            })()""";

    private Contrast() {}
}
