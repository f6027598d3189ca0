import type { PrimitiveType } from "intl-messageformat";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { IntlProvider, useIntl } from "react-intl";
import type { Locale } from "../api/types.ts";
import type en from "./en.ts";

export type MessageId = keyof typeof en;
export type Values = Record<string, PrimitiveType>;
export type Translate = (id: MessageId, values?: Values) => string;

export const LOCALES: readonly Locale[] = ["en", "ja"];

const LOADERS: Record<Locale, () => Promise<{ default: Record<string, string> }>> = {
  en: () => import("./en.ts"),
  ja: () => import("./ja.ts"),
};

const FIRST = firstLocale(stored(), navigator.languages);
// Asked for at once, beside everything else that the first page needs.
const messages = new Map<Locale, ReturnType<(typeof LOADERS)[Locale]>>();
const messagesOf = (locale: Locale) => {
  const asked = messages.get(locale) ?? LOADERS[locale]();
  messages.set(locale, asked);
  return asked;
};
void messagesOf(FIRST);

interface LocaleChoice {
  locale: Locale;
  setLocale: (locale: Locale) => void;
}

const LocaleContext = createContext<LocaleChoice>({ locale: "en", setLocale: () => undefined });

export function firstLocale(stored: string | null, languages: readonly string[]): Locale {
  for (const wish of [stored ?? "", ...languages]) {
    const found = LOCALES.find((locale) => wish === locale || wish.startsWith(`${locale}-`));
    if (found) return found;
  }
  return "en";
}

/** Messages, dates and numbers of the chosen language; the zone is the browser's and is shown where a moment is. */
export function I18n({ children }: { children: ReactNode }) {
  const [locale, choose] = useState<Locale>(FIRST);
  const [loaded, setLoaded] = useState<{ locale: Locale; messages: Record<string, string> } | null>(null);

  useEffect(() => {
    let wanted = true;
    void messagesOf(locale).then((module) => {
      if (!wanted) return;
      document.documentElement.lang = locale;
      setLoaded({ locale, messages: module.default });
    });
    return () => {
      wanted = false;
    };
  }, [locale]);

  const setLocale = useCallback((next: Locale) => {
    try {
      localStorage.setItem("koban.locale", next);
    } catch {
      // Kept for this page only.
    }
    choose(next);
  }, []);
  const choice = useMemo(() => ({ locale, setLocale }), [locale, setLocale]);

  if (!loaded) return null;
  return (
    <LocaleContext value={choice}>
      <IntlProvider locale={loaded.locale} messages={loaded.messages} timeZone={zone()} onError={() => undefined}>
        {children}
      </IntlProvider>
    </LocaleContext>
  );
}

export const useLocale = () => useContext(LocaleContext);

/** `t("findings.title")`: the id is checked by the compiler. */
export function useT(): Translate {
  const intl = useIntl();
  return useCallback((id, values) => intl.formatMessage({ id }, values), [intl]);
}

export interface Format {
  locale: string;
  number: (value: number) => string;
  percent: (value: number) => string;
  date: (iso: string) => string;
  moment: (iso: string) => string;
  /** Day and minute, without year and zone. */
  short: (iso: string) => string;
  /** A day without its year. */
  day: (iso: string) => string;
  /** The time of a day. */
  time: (iso: string, seconds?: boolean) => string;
  relative: (iso: string, now?: number) => string;
  list: (items: readonly string[]) => string;
}

/** Numbers and moments by Intl, in the language and zone shown. */
export function useFormat(): Format {
  const { locale, timeZone } = useIntl();
  return useMemo(() => makeFormat(locale, timeZone), [locale, timeZone]);
}

export function makeFormat(locale: string, timeZone?: string): Format {
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone });
  const moment = new Intl.DateTimeFormat(locale, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
    timeZone,
  });
  const short = new Intl.DateTimeFormat(locale, {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone,
  });
  const day = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", timeZone: "UTC" });
  const minute = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", timeZone });
  const second = new Intl.DateTimeFormat(locale, { timeStyle: "medium", timeZone });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  const list = new Intl.ListFormat(locale, { type: "conjunction" });
  return {
    locale,
    number: (value) => number.format(value),
    percent: (value) => percent.format(value / 100),
    date: (iso) => said(iso, date, timeZone),
    moment: (iso) => said(iso, moment, timeZone),
    short: (iso) => said(iso, short, timeZone),
    day: (iso) => said(iso, day, "UTC"),
    time: (iso, seconds = false) => said(iso, seconds ? second : minute, timeZone),
    relative: (iso, now = Date.now()) => {
      const at = Date.parse(iso);
      return Number.isNaN(at) ? iso : relative.format(...step((at - now) / 1000));
    },
    list: (items) => list.format(items),
  };
}

/** A bare day is a day everywhere: it is not shifted into the zone shown. */
function said(iso: string, format: Intl.DateTimeFormat, timeZone?: string): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  if (/^\d{4}-\d{2}-\d{2}$/.test(iso) && timeZone !== "UTC") {
    const { locale } = format.resolvedOptions();
    return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(at);
  }
  return format.format(at);
}

function step(seconds: number): [number, Intl.RelativeTimeFormatUnit] {
  const units: [Intl.RelativeTimeFormatUnit, number][] = [
    ["year", 31_557_600],
    ["month", 2_629_800],
    ["week", 604_800],
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return [Math.trunc(seconds / size), unit];
  }
  return [Math.trunc(seconds), "second"];
}

function zone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

function stored(): string | null {
  try {
    return localStorage.getItem("koban.locale");
  } catch {
    return null;
  }
}
