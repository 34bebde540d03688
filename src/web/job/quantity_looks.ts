import type { Quantity } from "../../web_parts/live/curves.ts";

/** How a quantity looks wherever it is drawn. */
export const looks: Partial<Record<Quantity, { short: string; color: string; dash?: number[] }>> = {
  loss_g_gan: { short: "G_GAN", color: "--s2" },
  loss_d: { short: "loss_D", color: "--s5" },
  loss_d_real: { short: "real", color: "--s1", dash: [5, 3] },
  loss_d_fake: { short: "fake", color: "--s4", dash: [2, 2.5] },
  loss_d_gp: { short: "D_GP", color: "--s6", dash: [8, 3] },
  loss_g: { short: "G", color: "--s2", dash: [5, 3] },
  loss_g_l1: { short: "G_L1", color: "--s3" },
  loss_g_color: { short: "G_color", color: "--s4", dash: [5, 3] },
  loss_g_hint: { short: "G_hint", color: "--s1" },
  loss_g_perceptual: { short: "G_perc", color: "--s6", dash: [8, 3] },
  lr_g: { short: "lrG", color: "--s2" },
  lr_d: { short: "lrD", color: "--s1", dash: [5, 3] },
};
