using Rebound.Inference.Scheduling;

namespace Rebound.Inference.Chat;

/// <summary>An answer that is being generated.</summary>
/// <param name="Reader">Parts what is generated into text, reasoning and calls.</param>
internal readonly record struct ChatAnswer(GenerationRequest Request, AnswerReader Reader);
