/** Whether a UTF-16 code is an ASCII digit. */
export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** Whether a UTF-16 code is one of A to Z. */
export const isUpperLetter = (code: number): boolean => code >= 0x41 && code <= 0x5a;

/** Whether a UTF-16 code is one of a to z. */
export const isLowerLetter = (code: number): boolean => code >= 0x61 && code <= 0x7a;

/** Whether a UTF-16 code is printable ASCII, the blank included. */
export const isPrintableAscii = (code: number): boolean => code >= 0x20 && code <= 0x7e;
