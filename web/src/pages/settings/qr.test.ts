import { expect, test } from "vitest";
import { drawingOf } from "./qr.ts";

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29" shape-rendering="crispEdges">' +
  '<path fill="#fff" d="M0 0h29v29H0z"/><path d="M4 4h1v1h-1zM5 4h1v1h-1z"/></svg>';

test("the dark squares and the size are taken, the background isn't", () => {
  expect(drawingOf(SVG)).toEqual({ size: 29, path: "M4 4h1v1h-1zM5 4h1v1h-1z" });
});

test.each([
  [null],
  [""],
  ["<svg></svg>"],
  ['<svg viewBox="0 0 29 29"><script>x</script></svg>'],
  ['<svg viewBox="0 0 29 29"><path d="M0 0url(javascript:x)"/></svg>'],
])("%s is no code", (svg) => {
  expect(drawingOf(svg)).toBeNull();
});
