const MAX_ADDRESS_CHARS = 254;
const MAX_LOCAL_CHARS = 64;

// Each class is followed by nothing it can match itself, so neither pattern can backtrack far.
const LOCAL_PART = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const DOMAIN_LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/**
 * Whether a text is an address mail can be sent to: `name@host.domain`, in ASCII and without quotes or comments.
 *
 * Narrower than RFC 5322 on purpose. No control character, blank, comma or bracket can pass, so an address can neither add a header to
 * a mail nor a second recipient.
 *
 * @example
 * ```ts
 * isEmailAddress('frost@example.org'); // true
 * isEmailAddress('frost@example.org\r\nBcc: all@example.org'); // false
 * isEmailAddress('frost@localhost'); // false
 * ```
 */
export const isEmailAddress = (text: string): boolean => {
  const at = text.lastIndexOf('@');
  if (at < 1 || at > MAX_LOCAL_CHARS || text.length > MAX_ADDRESS_CHARS) return false;
  const labels = text.slice(at + 1).split('.');
  return (
    LOCAL_PART.test(text.slice(0, at)) &&
    labels.length >= 2 &&
    labels.every((label) => DOMAIN_LABEL.test(label)) &&
    !/^[0-9]+$/.test(labels.at(-1) ?? '')
  );
};
