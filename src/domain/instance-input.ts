/** Settings as a caller gives them. Undefined: left out. */
export interface SettingsInput {
  readonly autoRead?: boolean | undefined;
  readonly autoTyping?: boolean | undefined;
}

/** A WhatsApp line to create. Undefined: left out, and EnviaAI's default applies. */
export interface NewInstance {
  readonly name: string;
  readonly webhookUrl?: string | undefined;
  readonly webhookEvents?: readonly string[] | undefined;
  readonly settings?: SettingsInput | undefined;
}

/** Changes to a WhatsApp line. Undefined: left out, and stays as it is. */
export interface InstanceChanges {
  readonly name?: string | undefined;
  /** Null: cleared. */
  readonly webhookUrl?: string | null | undefined;
  readonly webhookEvents?: readonly string[] | undefined;
  readonly settings?: SettingsInput | undefined;
}
