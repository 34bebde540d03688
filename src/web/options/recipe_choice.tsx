import type { Option } from "../../web_parts/contract/messages.ts";
import { optionWord } from "../../web_parts/option_words.ts";
import { FromJob } from "./from_job.tsx";

/** What is known of recipes: their names are the contract's, their words here. */
const recipeWords: Readonly<Record<string, string>> = {
  pix2pix: "256 px, U-Net, as published",
  tutorial: "ResNet-18, L1 first, then the GAN",
  nogan: "ResNet-34, mostly without the GAN",
};

/** Chooses what a job begins with: a recipe, or the options of another job. */
export function RecipeChoice({ recipes, recipe, from, onChange }: {
  /** The option whose choices the recipes are. */
  recipes: Option;
  /** The one that is chosen. */
  recipe: string;
  /** The job whose options were taken. */
  from: string | undefined;
  onChange: (recipe: string) => void;
}) {
  return (
    <fieldset class="recipes">
      <legend class="unseen">Recipe</legend>
      {(recipes.choices ?? []).map((choice) => (
        <label class="recipe card" key={choice}>
          <input
            type="radio"
            name="recipe"
            checked={recipe === choice}
            onChange={() => onChange(choice)}
          />
          <b>{optionWord(choice)}</b>
          <span>{recipeWords[optionWord(choice)] ?? ""}</span>
        </label>
      ))}
      <FromJob from={from} />
    </fieldset>
  );
}
