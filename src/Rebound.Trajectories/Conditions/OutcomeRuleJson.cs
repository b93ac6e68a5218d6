using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Conditions;

/// <summary>
/// Rules in configuration: <c>{reward: true}</c>, <c>{f1: {from: 0.4, below: 1}}</c>, <c>{cause: [step limit, timeout]}</c>.
/// </summary>
internal static class OutcomeRuleJson
{
    private const string Reward = "reward";
    private const string F1 = "f1";
    private const string Cause = "cause";
    private const string Above = "above";
    private const string From = "from";
    private const string Below = "below";
    private const string To = "to";

    /// <param name="rule">Null for the rule that takes every outcome.</param>
    /// <exception cref="DataException">It is no rule.</exception>
    public static OutcomeRule Read(ConfigurationFields? rule)
    {
        if (rule is null)
        {
            return OutcomeRule.Any;
        }

        rule.CheckKeys(Reward, F1, Cause);
        var success = rule.Object[Reward]?.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => (bool?)null,
        };
        var read = new OutcomeRule
        {
            Success = success,
            Reward = success is null ? ReadTest(rule, Reward) : null,
            F1 = ReadTest(rule, F1),
            Causes = ReadCauses(rule),
        };
        return read == OutcomeRule.Any
            ? throw new DataException(
                rule.File, null, rule.Path, "asks for nothing; leave it out for the condition that takes what is left.")
            : read;
    }

    public static JsonObject Write(OutcomeRule rule)
    {
        var json = new JsonObject();
        Add(json, Reward, rule.Success is { } success ? JsonValue.Create(success) : Write(rule.Reward));
        Add(json, F1, Write(rule.F1));
        Add(json, Cause, rule.Causes is { } causes ? new JsonArray([.. causes.Select(cause => JsonValue.Create(cause))]) : null);
        return json;
    }

    private static NumberTest? ReadTest(ConfigurationFields rule, string key)
    {
        switch (rule.Object[key])
        {
            case null:
                return null;
            case JsonValue value when Finite(value) is { } number:
                return new NumberTest(Is: number);
            case JsonObject:
                break;
            case var other:
                throw rule.Error(key, $"must be a number, or bounds such as {{from: 0.4, below: 1}}, but is {other.ToJsonString()}.");
        }

        var bounds = rule.Member(key)!;
        bounds.CheckKeys(Above, From, Below, To);
        var test = new NumberTest(
            Above: Number(bounds, Above), From: Number(bounds, From), Below: Number(bounds, Below), To: Number(bounds, To));
        return test == new NumberTest() ? throw rule.Error(key, "has no bound.") : test;
    }

    private static double? Number(ConfigurationFields bounds, string key) => bounds.Object[key] switch
    {
        null => null,
        JsonValue value when Finite(value) is { } number => number,
        var other => throw bounds.Error(key, $"must be a number, but is {other.ToJsonString()}."),
    };

    /// <summary>The number that a value is; null where it is none, or beyond those that can be counted with.</summary>
    private static double? Finite(JsonValue value) =>
        value.GetValueKind() == JsonValueKind.Number && value.GetValue<double>() is var number && double.IsFinite(number) ? number : null;

    private static string[]? ReadCauses(ConfigurationFields rule) => rule.Object[Cause] switch
    {
        null => null,
        JsonArray { Count: > 0 } list when list.All(item => item?.GetValueKind() == JsonValueKind.String) =>
            [.. list.Select(item => item!.GetValue<string>())],
        JsonArray => throw rule.Error(Cause, "must be the text of a cause or a list of such texts."),
        _ => [rule.Text(Cause)!],
    };

    private static JsonNode? Write(NumberTest? test)
    {
        if (test?.Is is { } value)
        {
            return JsonValue.Create(value);
        }

        if (test is null)
        {
            return null;
        }

        var json = new JsonObject();
        Add(json, Above, test.Above);
        Add(json, From, test.From);
        Add(json, Below, test.Below);
        Add(json, To, test.To);
        return json;
    }

    private static void Add(JsonObject json, string key, JsonNode? value)
    {
        if (value is not null)
        {
            json[key] = value;
        }
    }
}
