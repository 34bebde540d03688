"""Makes metrics.json: what scikit-image and NumPy say about small pictures, and the test pairs of
Sharma, Wu & Dalal (2005), table 1, checked against scikit-image. Needs scikit-image.

    python make_metrics.py
"""

import base64
import json
from pathlib import Path

import numpy as np
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

# L1 a1 b1, L2 a2 b2, the difference as it was published.
SHARMA = """
50.0000 2.6772 -79.7751 50.0000 0.0000 -82.7485 2.0425
50.0000 3.1571 -77.2803 50.0000 0.0000 -82.7485 2.8615
50.0000 2.8361 -74.0200 50.0000 0.0000 -82.7485 3.4412
50.0000 -1.3802 -84.2814 50.0000 0.0000 -82.7485 1.0000
50.0000 -1.1848 -84.8006 50.0000 0.0000 -82.7485 1.0000
50.0000 -0.9009 -85.5211 50.0000 0.0000 -82.7485 1.0000
50.0000 0.0000 0.0000 50.0000 -1.0000 2.0000 2.3669
50.0000 -1.0000 2.0000 50.0000 0.0000 0.0000 2.3669
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0009 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0010 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0011 7.2195
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0012 7.2195
50.0000 -0.0010 2.4900 50.0000 0.0009 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0010 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0011 -2.4900 4.7461
50.0000 2.5000 0.0000 50.0000 0.0000 -2.5000 4.3065
50.0000 2.5000 0.0000 73.0000 25.0000 -18.0000 27.1492
50.0000 2.5000 0.0000 61.0000 -5.0000 29.0000 22.8977
50.0000 2.5000 0.0000 56.0000 -27.0000 -3.0000 31.9030
50.0000 2.5000 0.0000 58.0000 24.0000 15.0000 19.4535
50.0000 2.5000 0.0000 50.0000 3.1736 0.5854 1.0000
50.0000 2.5000 0.0000 50.0000 3.2972 0.0000 1.0000
50.0000 2.5000 0.0000 50.0000 1.8634 0.5757 1.0000
50.0000 2.5000 0.0000 50.0000 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""


def sharma():
    rows = [[float(x) for x in line.split()] for line in SHARMA.strip().splitlines()]
    for row in rows:
        ours = deltaE_ciede2000(np.array(row[:3]), np.array(row[3:6]))
        assert abs(ours - row[6]) < 5.1e-5, (row, ours)
    return rows


def colorfulness(rgb):
    """Hasler & Suesstrunk (2003), M3."""
    r, g, b = rgb.astype(float).transpose(2, 0, 1)
    rg, yb = r - g, (r + g) / 2 - b
    spread = np.hypot(rg.std(), yb.std())
    return float(spread + 0.3 * np.hypot(rg.mean(), yb.mean()))


def pictures():
    """Pairs of pictures of 20 x 24 pixels: smooth ones with noise, a bright flat one, a gray one."""
    random = np.random.default_rng(7)
    y, x = np.mgrid[0:20, 0:24] / 24
    waves = np.stack([np.sin(9 * x + 2 * y), np.cos(7 * y), np.sin(6 * (x + y))], 2)
    smooth = 127 + 100 * waves
    flat = np.full((20, 24, 3), 250.0) + random.normal(0, 1.5, (20, 24, 3))
    noise = random.uniform(0, 255, (20, 24, 3))
    gray = np.repeat(smooth.mean(2, keepdims=True), 3, 2)
    pairs = [
        (smooth, smooth + random.normal(0, 12, smooth.shape)),
        (smooth, gray),
        (flat, flat + random.normal(0, 2, flat.shape)),
        (noise, random.uniform(0, 255, noise.shape)),
        (gray, gray),
    ]
    return [[np.clip(np.round(one), 0, 255).astype(np.uint8) for one in pair] for pair in pairs]


def measured(real, other):
    psnr = np.inf if (real == other).all() else peak_signal_noise_ratio(real, other, data_range=255)
    return {
        "real": base64.b64encode(real.tobytes()).decode(),
        "other": base64.b64encode(other.tobytes()).decode(),
        "psnr": None if np.isinf(psnr) else psnr,
        "ssim": structural_similarity(
            real,
            other,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=255,
            channel_axis=-1,
        ),
        "deltaE": float(deltaE_ciede2000(rgb2lab(real), rgb2lab(other)).mean()),
        "colorfulness": [colorfulness(real), colorfulness(other)],
    }


result = {
    "height": 20,
    "width": 24,
    "pictures": [measured(*pair) for pair in pictures()],
    "sharma": sharma(),
}
Path(__file__).with_name("metrics.json").write_text(json.dumps(result, indent=1) + "\n")
