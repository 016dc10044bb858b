// Do the types of clients/js say what the contract says? `tsc` tells, and names the field that one of them lacks.
// ./api.d.ts is what openapi-typescript makes of docs/openapi.yaml, ./types.d.ts the client's.

import type { components } from "./api.js";
import type * as client from "./types.js";

type Contract = components["schemas"];

type Kind<T> = T extends string ? (string extends T ? "string" : `"${T}"`) : T extends number ? "number" : T extends boolean ? "boolean" : "null";

/** Every field at every depth as a string, such as `.summary?.rows: number`; of each member of a union. A tuple is an array here. */
type Fields<T, Path extends string = ""> = T extends undefined
  ? never
  : T extends readonly (infer Item)[]
    ? Fields<Item, `${Path}[]`>
    : T extends object
      ? string extends keyof T
        ? Fields<T[keyof T], `${Path}.*`>
        : { [Name in keyof T & string]-?: Fields<T[Name], `${Path}.${Name}${undefined extends T[Name] ? "?" : ""}`> }[keyof T & string]
      : `${Path}: ${Kind<T>}`;

declare function findMissing<Ours, Theirs>(): Exclude<Fields<Ours>, Fields<Theirs>> | Exclude<Fields<Theirs>, Fields<Ours>>;

/** The client has one type for both kinds of predictions, so that a page needs no question before it reads one. */
type Prediction = Omit<client.Prediction, "value"> & Required<Pick<client.Prediction, "value">>;

export const missing: never[] = [
  findMissing<Prediction, Contract["Prediction"]>(),
  findMissing<Omit<client.Answer, "predictions">, Omit<Contract["Predictions"], "predictions">>(),
  findMissing<client.NewJob, Contract["NewJob"]>(),
  findMissing<client.Job, Contract["Job"]>(),
  findMissing<client.JobPage, Contract["JobPage"]>(),
];
