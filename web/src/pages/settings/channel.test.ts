import { describe, expect, test } from "vitest";
import { channelOf, optionsOf, placeOf } from "./channel.ts";

describe("a channel", () => {
  test("e-mail: recipients in any form, no password unless one is typed", () => {
    const channel = { ...channelOf("email", {}), host: "smtp.example.com", sender: "k@example.com" };
    const options = optionsOf("email", { ...channel, recipients: "a@x.io, b@x.io\nc@x.io " });
    expect(options).toEqual({
      kind: "email",
      host: "smtp.example.com",
      port: 587,
      security: "starttls",
      username: "",
      sender: "k@example.com",
      recipients: ["a@x.io", "b@x.io", "c@x.io"],
    });
    expect(optionsOf("email", { ...channel, password: "p" })).toMatchObject({ password: "p" });
  });

  test("a webhook keeps its secret when none is typed", () => {
    const options = { url: "https://x.io/h", has_secret: true };
    expect(optionsOf("webhook", channelOf("webhook", options))).toEqual({ kind: "webhook", url: "https://x.io/h" });
  });

  test("the address of a Slack channel is asked for again", () => {
    expect(channelOf("slack", { url: "https://hooks.example.com/..." }).url).toBe("");
  });

  test.each([
    ["email", { recipients: ["a@x.io", "b@x.io"] }, "a@x.io, b@x.io"],
    ["slack", { url: "https://h/..." }, "https://h/..."],
    ["webhook", {}, ""],
  ] as const)("%s goes to %j", (kind, options, place) => {
    expect(placeOf(kind, options)).toBe(place);
  });
});
