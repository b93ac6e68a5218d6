using System.Text.Json;
using Rebound.Inference.Serving;
using Rebound.Server.Http;

namespace Rebound.Server.OpenAi;

/// <summary>Two conditions decoded together: the answer is drawn away from what the other condition would say.</summary>
/// <param name="Weight">w of logits = p + w·(p − n).</param>
/// <param name="Condition">The condition to keep away from.</param>
internal sealed record GuidanceMember(float Weight, string Condition)
{
    private const string Member = "guidance";

    /// <param name="member">A weight, or an object with <c>weight</c> and the other <c>condition</c>; null for none.</param>
    /// <exception cref="ApiException">It is neither, or the model has no two conditions.</exception>
    public static GuidanceMember? Read(JsonElement? member, ModelChoice choice)
    {
        if (member is not { ValueKind: not JsonValueKind.Null } given)
        {
            return null;
        }

        var (weight, condition) = given.ValueKind switch
        {
            JsonValueKind.Number => (given, "negative"),
            JsonValueKind.Object when given.TryGetProperty("weight", out var number) && number.ValueKind == JsonValueKind.Number =>
                (number, ConditionOf(given) ?? "negative"),
            _ => throw ApiException.Invalid(
                Member, $"'{Member}' must be a weight, or {{\"weight\": 0.5, \"condition\": \"negative\"}}."),
        };
        if (!weight.TryGetSingle(out var value) || !float.IsFinite(value))
        {
            throw ApiException.Invalid(Member, $"The weight of '{Member}' must be a finite number.");
        }

        return value == 0 ? null : new GuidanceMember(value, Known(choice, condition));
    }

    private static string? ConditionOf(JsonElement given) =>
        given.TryGetProperty("condition", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;

    private static string Known(ModelChoice choice, string condition)
    {
        if (choice.Prompt is not { } prompt)
        {
            throw ApiException.Invalid(
                Member, $"'{Member}' draws between two conditions of a model's prompt, and {choice.Model.Name} is asked without one.");
        }

        try
        {
            return prompt.Find(condition);
        }
        catch (ArgumentException e)
        {
            throw ApiException.Invalid(Member, $"'{Member}': {e.Message}", e);
        }
    }
}
