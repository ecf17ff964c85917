import js from "@eslint/js";

export default [
  { ignores: ["static/", "data/", "test-results/", ".venv/"] },
  js.configs.recommended,
  {
    rules: {
      curly: ["error", "multi-line"],
      eqeqeq: "error",
      "no-shadow": ["error", { builtinGlobals: false }],
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
    },
  },
  {
    files: ["components/**/*.js"],
    rules: {
      // What is not defined is found by tsc, which knows the browser's own names.
      "no-undef": "off",
      "no-restricted-syntax": [
        "error",
        {
          selector: "TemplateElement[value.raw=/\\n/]",
          message:
            "components/widgets/assets.py reads modules line by line: a text must not span lines.",
        },
      ],
    },
  },
  {
    files: ["tests/javascript/**"],
    languageOptions: {
      globals: {
        atob: "readonly",
        btoa: "readonly",
        Buffer: "readonly",
        performance: "readonly",
        URL: "readonly",
      },
    },
  },
];
