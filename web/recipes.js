// The choice among the recipes of a deployment that has several: links, so that each has an address, `?recipe=stop_search`.

import { make } from "./dom.js";
import { Problem } from "./problem.js";

/** The config of the recipe that is wanted, of the first where none is: `base` is what its paths begin with, "" where there is one recipe. */
export function chooseRecipe(config, wanted) {
  if (!config.recipes.length) return { ...config, base: "" };
  const chosen = wanted ? config.recipes.find(({ recipe }) => recipe === wanted) : config.recipes[0];
  if (!chosen) throw new Problem("There is no such model", `This deployment has no “${wanted}”.`, "Choose one above.", { code: "config" });
  const { recipe, input, limits } = chosen;
  return { ...config, recipe, input, limits, base: `/models/${recipe}` };
}

/** Show the choice; nothing where there is none. */
export function showChoice({ recipes }, wanted, nav = document.getElementById("recipes")) {
  const shown = wanted ?? recipes[0]?.recipe;
  nav.replaceChildren(...recipes.map(({ recipe, title }) => {
    const link = make("a", { href: `?recipe=${encodeURIComponent(recipe)}`, textContent: title });
    if (recipe === shown) link.setAttribute("aria-current", "page");
    return link;
  }));
  nav.hidden = recipes.length < 2;
}

/** Whether something that says its recipe, or was kept before there were several, belongs to the one that the page asks. */
export const isOf = (config, { recipe }) => (recipe ?? config.recipes[0]?.recipe ?? config.recipe) === config.recipe;

/** Whether the job that a link names is another recipe's: then that one's page opens, with the job. A job knows its recipe, a link need not. */
export async function openElsewhere({ client, config }, id, go = (address) => location.replace(address)) {
  const job = await client.job(id);
  if (!job.ok || isOf(config, job.value)) return false;
  const recipe = job.value.recipe ?? config.recipes[0].recipe;
  if (!config.recipes.some((other) => other.recipe === recipe)) return false; // it was taken out of the deployment
  go(`?recipe=${encodeURIComponent(recipe)}#job=${id}`);
  return true;
}
