// What every client is asked to do alike.

/** Any JSON object with a text, as the agent's tools were in its training. */
const withText = name => ({ type: "object", properties: { [name]: { type: "string" } } });

export const calculateParameters = withText("expression");
export const finishParameters = withText("answer");
export const noParameters = { type: "object", properties: {}, additionalProperties: false };
export const answerSchema = {
    title: "answer", type: "object", properties: { answer: { type: "string", enum: ["yes", "no"] } }, required: ["answer"],
    additionalProperties: false,
};

/** The tool's work, for the two sums that the agent knows. */
export const calculate = ({ expression }) => ({ "6-2": "4", "3-2": "1" })[expression];

/** Longer than the context of the models. */
export const tooLong = "x".repeat(5000);
