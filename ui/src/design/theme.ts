/** Mantine in the product's palette: every colour it uses is one of the tokens. */

import {
  Alert,
  Button,
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
} from "@mantine/core";
import { t } from "../i18n";

const ink: MantineColorsTuple = [
  "#e8f3fa",
  "#cfe3f0",
  "#a3c9e2",
  "#6db7e8",
  "#4293c4",
  "#2375a8",
  "#0f5c8c",
  "#0c4d76",
  "#093d5e",
  "#062c45",
];

/** The tokens of the colours that notes are given. */
const ALERTS: Record<string, string> = { red: "failed", yellow: "warning", green: "success" };

const filled = (color?: string) => ({
  "--button-color": "var(--on-accent)",
  ...(color === "red" && { "--button-bg": "var(--failed)", "--button-hover": "var(--failed)" }),
});

const closing = { closeButtonProps: { "aria-label": t("git.close") } };

export const theme = createTheme({
  primaryColor: "ink",
  primaryShade: { light: 6, dark: 3 },
  colors: { ink },
  autoContrast: true,
  defaultRadius: 4,
  fontFamily: "system-ui, sans-serif",
  fontFamilyMonospace: "var(--mono)",
  fontSizes: { xs: "11px", sm: "12px", md: "13px", lg: "16px", xl: "20px" },
  components: {
    Button: Button.extend({
      defaultProps: { size: "xs" },
      vars: (_theme, { variant = "filled", color }) => ({
        root: variant === "filled" ? filled(color) : {},
      }),
    }),
    Alert: Alert.extend({
      vars: (_theme, { color }) => ({
        root: {
          "--alert-bg": "var(--surface)",
          "--alert-color": "var(--text)",
          "--alert-bd": `1px solid var(--${ALERTS[color ?? ""] ?? "accent"})`,
        },
      }),
    }),
    // a click beside a form must not throw away what was typed
    Modal: { defaultProps: { ...closing, closeOnClickOutside: false } },
    Drawer: { defaultProps: closing },
    // its placeholder for the focus is no item, and a menu holds only items
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    TextInput: { defaultProps: { size: "xs" } },
    Textarea: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs" } },
    PasswordInput: { defaultProps: { size: "xs" } },
    NumberInput: { defaultProps: { size: "xs" } },
    MultiSelect: { defaultProps: { size: "xs" } },
    Autocomplete: { defaultProps: { size: "xs" } },
    Radio: { defaultProps: { size: "xs" } },
    TagsInput: { defaultProps: { size: "xs" } },
    Checkbox: { defaultProps: { size: "xs" } },
    Switch: { defaultProps: { size: "xs" } },
    ActionIcon: { defaultProps: { variant: "subtle", size: 28 } },
  },
});

export const variables: CSSVariablesResolver = () => {
  const tokens = {
    "--mantine-color-body": "var(--surface)",
    "--mantine-color-text": "var(--text)",
    "--mantine-color-dimmed": "var(--muted)",
    "--mantine-color-placeholder": "var(--muted)",
    "--mantine-color-default": "var(--surface)",
    "--mantine-color-default-hover": "var(--sunken)",
    "--mantine-color-default-color": "var(--text)",
    "--mantine-color-default-border": "var(--control)",
    "--mantine-color-anchor": "var(--accent)",
    "--mantine-color-error": "var(--failed-text)",
    "--mantine-primary-color-filled": "var(--accent)",
    "--mantine-primary-color-contrast": "var(--on-accent)",
  };
  return { variables: {}, light: tokens, dark: tokens };
};
