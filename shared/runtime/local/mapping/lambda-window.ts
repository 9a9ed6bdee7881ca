import type { InvocationWindow } from './invocation.ts';
import type { MappingEventDetail } from './mapping-events.ts';
import type { WindowSnapshot } from './mapping-snapshot.ts';
import { delayMs, type DelayOptions } from './settle.ts';
import type { InvocationOutcome } from './response.ts';

/** Above this, counted as JSON in UTF-8, a window ends early. */
const MAX_STATE_BYTES: number = 1024 * 1024;

const EMPTY_STATE = '{}';

/** The tumbling window that a slot has open: its state, and how it ends. */
export class LambdaWindow {
  readonly #sizeMs: number;
  #window: WindowSnapshot | undefined;

  constructor(sizeMs: number, window: WindowSnapshot | undefined) {
    this.#sizeMs = sizeMs;
    this.#window = window;
  }

  get snapshot(): WindowSnapshot | undefined {
    return this.#window;
  }

  get startMs(): number | undefined {
    return this.#window?.startMs;
  }

  get endMsExclusive(): number | undefined {
    return this.#window === undefined ? undefined : this.#window.startMs + this.#sizeMs;
  }

  /** When the invocation that ends the window is due; undefined while the window takes records. */
  closingDueMs(): number | undefined {
    return this.#window?.closing?.dueMs;
  }

  get stateBytes(): number {
    return this.#window === undefined ? 0 : Buffer.byteLength(this.#window.stateText) - EMPTY_STATE.length;
  }

  /** Opens a window where none is open. */
  open(startMs: number): void {
    this.#window ??= { startMs, stateText: EMPTY_STATE };
  }

  /** Keeps what an invocation returned; too large a state ends the window early. */
  keep(stateText: string, nowMs: number): void {
    if (this.#window === undefined) return;
    this.#window = { ...this.#window, stateText };
    if (Buffer.byteLength(stateText) > MAX_STATE_BYTES) this.close(nowMs, true);
  }

  close(nowMs: number, early = false): void {
    if (this.#window !== undefined) this.#window = { ...this.#window, closing: { early, waits: 0, dueMs: nowMs } };
  }

  /** What the function gets to know of the window. */
  forInvocation(): InvocationWindow | undefined {
    if (this.#window === undefined) return undefined;
    const { startMs, stateText, closing } = this.#window;
    const state: unknown = JSON.parse(stateText);
    return {
      startMs,
      endMsExclusive: startMs + this.#sizeMs,
      state,
      isFinalInvokeForWindow: closing !== undefined,
      isWindowTerminatedEarly: closing?.early ?? false,
    };
  }

  /** After the invocation that ends the window: it is tried until it succeeds, whatever the retry limit says. */
  settleClosing(outcome: InvocationOutcome, delays: DelayOptions, nowMs: number): MappingEventDetail | undefined {
    const window = this.#window;
    if (window?.closing === undefined) return undefined;
    const { startMs, closing } = window;
    if (outcome.kind === 'success') {
      this.#window = closing.early ? { startMs, stateText: EMPTY_STATE } : undefined;
      return { kind: 'window-closed', startMs, early: closing.early };
    }
    const waits = closing.waits + 1;
    const dueMs = nowMs + delayMs(waits, delays);
    this.#window = { ...window, closing: { ...closing, waits, dueMs } };
    const reason = 'reason' in outcome ? outcome.reason : outcome.kind;
    return { kind: 'window-close-failed', startMs, dueMs, reason };
  }
}
