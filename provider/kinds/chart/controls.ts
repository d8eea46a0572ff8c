/**
 * What explore saves for a control that nobody touched, beyond null, '', [] and {}. Used where a template does not name the control:
 * a live value that is the control's own default is then no edit.
 */
import type { Json } from "../../json";

/** By visualisation (`*`: all of them), by control: the values its panels default to. */
export const CONTROL_DEFAULTS: Readonly<Record<string, Readonly<Record<string, readonly Json[]>>>> = {
  "*": {},
};
