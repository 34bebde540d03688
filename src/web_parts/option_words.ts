/** What the values of enums begin with. */
const prefixes =
  /^(?:RECIPE|INIT_METHOD|GENERATOR_WEIGHTS|GENERATOR|DECODER_NORM|ENCODER_NORM|GAN_MODE|DISCRIMINATOR_NORM|JUDGE|PERCEPTUAL_NETWORK|RATE_SCHEDULE|PRECISION|BEST_METRIC|NON_FINITE_POLICY|HEALTH_POLICY)_/;

/** A value as the command line writes it: "lsgan" of "GAN_MODE_LSGAN"; "" of none. */
export function optionWord(value: string | number | boolean | undefined): string {
  if (value === undefined) return "";
  const text = String(value);
  if (prefixes.test(text)) return text.replace(prefixes, "").toLowerCase().replaceAll("_", "-");
  return text !== "" && Number.isFinite(Number(text)) ? String(Number(text)) : text;
}
