using System.Text;
using System.Text.Json;

namespace Rebound.Fuzz.Mutation;

/// <summary>
/// JSON that may be wrong: members may share a name, and names, texts and numbers are written as they stand here, so that they
/// can be what no writer of JSON would write.
/// </summary>
internal sealed class JsonTree
{
    /// <summary>What is written of a value that holds no others; null for a list or an object.</summary>
    public string? Raw { get; set; }

    public bool IsObject { get; set; }

    /// <summary>The values of a list or an object, each with its name as it is written, quotes included; null in a list.</summary>
    public List<(string? Name, JsonTree Value)> Children { get; } = [];

    public static JsonTree Parse(byte[] json)
    {
        using var document = JsonDocument.Parse(
            json, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        return Of(document.RootElement);
    }

    public static JsonTree Leaf(string raw) => new() { Raw = raw };

    public JsonTree Copy()
    {
        var copy = new JsonTree { Raw = Raw, IsObject = IsObject };
        copy.Children.AddRange(Children.Select(child => (child.Name, child.Value.Copy())));
        return copy;
    }

    /// <summary>This value and all inside it.</summary>
    public IEnumerable<JsonTree> All() => Children.SelectMany(child => child.Value.All()).Prepend(this);

    /// <summary>Becomes a copy of another value.</summary>
    public void Become(JsonTree other)
    {
        var copy = other.Copy();
        (Raw, IsObject) = (copy.Raw, copy.IsObject);
        Children.Clear();
        Children.AddRange(copy.Children);
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }

    private void Write(StringBuilder text)
    {
        if (Raw is not null)
        {
            text.Append(Raw);
            return;
        }

        text.Append(IsObject ? '{' : '[');
        for (var i = 0; i < Children.Count && text.Length < FuzzReader.MostBytes; i++)
        {
            text.Append(i == 0 ? "" : ",");
            if (IsObject)
            {
                text.Append(Children[i].Name ?? "\"\"").Append(':');
            }

            Children[i].Value.Write(text);
        }

        text.Append(IsObject ? '}' : ']');
    }

    private static JsonTree Of(JsonElement element)
    {
        var tree = new JsonTree { IsObject = element.ValueKind == JsonValueKind.Object };
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                tree.Children.AddRange(
                    element.EnumerateObject().Select(member => ((string?)JsonSerializer.Serialize(member.Name), Of(member.Value))));
                break;
            case JsonValueKind.Array:
                tree.Children.AddRange(element.EnumerateArray().Select(item => ((string?)null, Of(item))));
                break;
            default:
                tree.Raw = element.GetRawText();
                break;
        }

        return tree;
    }
}
