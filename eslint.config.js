// Lint rules: the mistakes a compiler of types does not see, and the few house rules a machine can check.
// Formatting is prettier's business alone. `tsc` already reports unused locals.
import tseslint from "typescript-eslint";

const house = {
  eqeqeq: ["error", "always", { null: "ignore" }],
  "no-var": "error",
  "prefer-const": "error",
  "no-console": "error",
  "no-restricted-syntax": [
    "error",
    { selector: "ExportDefaultDeclaration", message: "named exports only" },
    { selector: "TSParameterProperty", message: "no parameter properties" },
    { selector: "TSEnumDeclaration:not([const=true])", message: "const enum, or an `as const` object" },
  ],
};

export default tseslint.config(
  { ignores: ["dist/", ".cache/", "node_modules/", "test/**/cases/**", "examples/**/generated/**"] },
  ...tseslint.configs.recommended,
  {
    files: ["**/*.ts"],
    rules: {
      ...house,
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-namespace": "error",
    },
  },
  {
    // Programs that talk to a person.
    files: ["compiler/cli.ts", "compiler/cli/**", "test/**", "examples/**", ".ci/**"],
    rules: { "no-console": "off" },
  },
  {
    // Scripts for engines that treat `let` as `var` or know no modules are written in ES5.
    files: ["examples/**/*.es5.js"],
    languageOptions: { sourceType: "script" },
    rules: { "no-var": "off", "@typescript-eslint/no-unused-vars": "off", "@typescript-eslint/no-this-alias": "off" },
  },
  {
    // A configuration file's default export is its tool's convention.
    files: ["eslint.config.js"],
    rules: { "no-restricted-syntax": "off" },
  },
);
