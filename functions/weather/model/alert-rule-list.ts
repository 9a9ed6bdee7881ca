import type { AlertRule } from './alert-rule.ts';
import { alertRuleOf } from './alert-rule-check.ts';
import { jsonItems } from './json-items.ts';
import { FileContentError, type SourceText } from '../../../shared/source/user-error.ts';
import { quoted } from './source-text.ts';

/**
 * Reads a rules file: a JSON array of rules, or one rule as JSON on each line.
 *
 * A file without rules is fine. Throws a {@link FileContentError} naming the file, the line the rule begins on, its place in the
 * file, the field, the value and what is allowed; also for an unknown field and for an id that two rules share.
 */
export const parseAlertRules = (source: SourceText): readonly AlertRule[] => {
  const lineOfId = new Map<string, number>();
  return jsonItems(source).map(({ line, value }, index) => {
    const fault = (problem: string): Error => new FileContentError(source.file, line, `rule ${index + 1}: ${problem}`);
    const rule = alertRuleOf(value, fault);
    const firstLine = lineOfId.get(rule.id);
    if (firstLine !== undefined) {
      throw fault(`id ${quoted(rule.id)} is already that of the rule on line ${firstLine}; give each rule its own`);
    }
    lineOfId.set(rule.id, line);
    return rule;
  });
};
