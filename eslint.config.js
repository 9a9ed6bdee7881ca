import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const GIVEN_TIME = 'Take the time from the record or from the clock you are given.';

export default defineConfig(
  globalIgnores(['coverage/', 'cdk.out/', 'dist/', 'docs/api/', 'create-millrace/template/']),
  {
    files: ['**/*.{js,ts}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    linterOptions: {
      reportUnusedDisableDirectives: 'error',
      reportUnusedInlineConfigs: 'error',
    },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // A promise nobody awaits may finish in a later invocation, or never; `void` would only hide it.
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false, checkThenables: true }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // `Record<never, never>` is how a type says "no outputs" and "no tables".
      '@typescript-eslint/no-generated-empty-object-type': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'all' }],
      eqeqeq: 'error',
      'no-param-reassign': 'error',
    },
  },
  {
    files: ['shared/**/*.ts', 'functions/**/*.ts', 'infra/**/*.ts'],
    rules: {
      'no-console': 'error',
      'max-lines': ['error', { max: 250 }],
    },
  },
  {
    // Time and chance are arguments: the same records give the same outputs, whenever and however often they are run.
    files: ['shared/{codec,stream,processor,engine}/**/*.ts', 'functions/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        'performance',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'fetch',
        'process',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: GIVEN_TIME },
        { object: 'Math', property: 'random', message: 'Take chance from a seeded source you are given.' },
        { object: 'crypto', property: 'randomUUID', message: 'Make ids from what the record holds.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: GIVEN_TIME },
      ],
    },
  },
  {
    // Plain JavaScript states its types in comments, which the rules on written types cannot see.
    files: ['**/*.js'],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
);
