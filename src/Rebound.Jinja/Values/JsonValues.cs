using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Jinja.Library;

namespace Rebound.Jinja.Values;

/// <summary>JSON as the values that Python's <c>json.loads</c> makes of it.</summary>
internal static class JsonValues
{
    public static object? Read(JsonNode? node)
    {
        StackGuard.Check();
        switch (node)
        {
            case null:
                return null;
            case JsonArray array:
                var items = new object?[array.Count];
                for (var index = 0; index < items.Length; index++)
                {
                    items[index] = Read(array[index]);
                }

                return new ListValue(items);
            case JsonObject properties:
                var dict = new DictValue(properties.Count);
                foreach (var (name, value) in properties)
                {
                    dict.Set(name, Read(value));
                }

                return dict;
            default:
                return ReadScalar(node);
        }
    }

    private static object? ReadScalar(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.String => ReadText(node),
        JsonValueKind.True => Boxed.True,
        JsonValueKind.False => Boxed.False,
        JsonValueKind.Number => ReadNumber(node.AsValue()),
        _ => null,
    };

    private static string ReadText(JsonNode node)
    {
        try
        {
            return node.GetValue<string>();
        }
        catch (InvalidOperationException exception)
        {
            throw new ChatTemplateException(
                ChatTemplateFault.Evaluation,
                $"{node.ToJsonString()} holds half of a surrogate pair, which is no text",
                innerException: exception);
        }
    }

    private static object ReadNumber(JsonValue value)
    {
        if (value.TryGetValue<double>(out var real) && !value.TryGetValue<JsonElement>(out _))
        {
            return real;
        }

        var text = value.ToJsonString();
        if (text.AsSpan().IndexOfAny(".eE") >= 0)
        {
            return double.Parse(text, CultureInfo.InvariantCulture);
        }

        if (text.Length > TextNumbers.MostDigits)
        {
            throw Fault.Limit($"an integer has {text.Length} digits, more than the limit of {TextNumbers.MostDigits}");
        }

        return long.TryParse(text, CultureInfo.InvariantCulture, out var number)
            ? Boxed.Of(number)
            : Boxed.Of(BigInteger.Parse(text, CultureInfo.InvariantCulture));
    }
}
