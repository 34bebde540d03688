/** ImageNet's means and standard deviations, of red, green and blue in [0, 1]. */
export const imageNet = {
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
};
