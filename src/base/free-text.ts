// Text that people and other programs write, and that is stored or shown: which characters it may have, and whether it
// may hold a key. It must not know where a text comes from.

/**
 * Characters that cannot be seen, or that change the order of what can be: control and format characters (zero-width,
 * bidirectional), halves of characters, separators of lines, and all that are ignored when they are shown. Line breaks,
 * tabs and the selectors of emoji are not among them.
 */
const UNSEEN = String.raw`(?![\t\n\r\uFE0E\uFE0F])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]`;
const EVERY_UNSEEN = new RegExp(UNSEEN, 'gu');

/** Matches a text without unseen characters. */
export const VISIBLE = new RegExp(`^(?:(?!${UNSEEN})[\\s\\S])*$`, 'u');

/** The text with a space in place of each unseen character, tab and line break. */
export function visible(text: string): string {
  return text.replace(EVERY_UNSEEN, ' ').replace(/[\t\n\r]/g, ' ');
}

/** As long as the shortest key of Azure AI services (32 hex digits); newer keys have 84 letters and digits. */
const KEY_LIKE = /[A-Za-z0-9]{32,}/;

/** Whether a text may hold a key: keys have no mark by which they can be told from other letters and digits. */
export function mayHoldKey(text: string): boolean {
  return KEY_LIKE.test(text);
}
