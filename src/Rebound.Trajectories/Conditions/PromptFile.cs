using System.Text.Json;
using Rebound.Files.Json;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Conditions;

/// <summary>
/// A prompt file of the NAT reference: template name → <c>conversations</c> and <c>question_prompt</c>,
/// <c>correct_question_prompt</c> with <c>incorrect_question_prompt</c>, or <c>class_N_question_prompt</c>.
/// </summary>
public static class PromptFile
{
    private const string Suffix = "question_prompt";

    /// <exception cref="DataException">The file is not such a file, or has no usable template of this name.</exception>
    public static PromptTemplate Load(string path, string template)
    {
        var root = Parse(path);
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new DataException(path, null, null, "must be an object of templates by name.");
        }

        if (!root.TryGetProperty(template, out var body))
        {
            var names = string.Join(", ", root.EnumerateObject().Where(t => IsTemplate(t.Value)).Select(t => t.Name));
            throw new DataException(path, null, null, $"has no template '{template}'; it has {names}.");
        }

        return IsTemplate(body)
            ? Read(path, template, body)
            : throw new DataException(path, null, template, "has no question prompt, so no question can be asked with it.");
    }

    private static bool IsTemplate(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object && body.EnumerateObject().Any(member => member.Name.EndsWith(Suffix));

    private static PromptTemplate Read(string path, string name, JsonElement body)
    {
        var opening = new List<Turn>();
        var prompts = new Dictionary<string, QuestionPrompt>(StringComparer.Ordinal);
        foreach (var member in body.EnumerateObject())
        {
            if (member.Name == "conversations")
            {
                opening.AddRange(ReadOpening(path, $"{name}.conversations", member.Value));
            }
            else if (member.Name.EndsWith(Suffix))
            {
                var condition = member.Name == Suffix ? Conversation.Unconditioned : member.Name[..^(Suffix.Length + 1)];
                prompts[condition] = ReadPrompt(path, $"{name}.{member.Name}", member.Value);
            }
            else
            {
                throw new DataException(path, null, $"{name}.{member.Name}", "is not a known key of a template.");
            }
        }

        var rules = ReferenceRules.For(name, [.. prompts.Keys]) ?? throw new DataException(
            path,
            null,
            name,
            $"has the conditions {string.Join(", ", prompts.Keys.Order(StringComparer.Ordinal))}; "
            + "known are none, correct with incorrect, and class_1 to class_3 or class_4.");
        return new PromptTemplate(
            name,
            opening,
            prompts.GetValueOrDefault(Conversation.Unconditioned),
            [.. rules.Conditions.Select(rule => new Condition(rule.Name, rule.When, new Wording { Question = prompts[rule.Name] }))],
            rules.Positive,
            rules.Negative);
    }

    private static QuestionPrompt ReadPrompt(string path, string field, JsonElement value)
    {
        try
        {
            return QuestionPrompt.Parse(Text(path, field, value));
        }
        catch (FormatException e)
        {
            throw new DataException(path, null, field, e.Message, e);
        }
    }

    private static IEnumerable<Turn> ReadOpening(string path, string field, JsonElement turns)
    {
        if (turns.ValueKind != JsonValueKind.Array)
        {
            throw new DataException(path, null, field, "must be a list of turns.");
        }

        foreach (var (i, turn) in turns.EnumerateArray().Index())
        {
            if (turn.ValueKind != JsonValueKind.Object
                || !turn.TryGetProperty("role", out var role)
                || !turn.TryGetProperty("content", out var content))
            {
                throw new DataException(path, null, $"{field}[{i}]", "must be an object with 'role' and 'content'.");
            }

            var name = Text(path, $"{field}[{i}].role", role);
            yield return new Turn(
                Roles.Find(name) ?? throw new DataException(path, null, $"{field}[{i}].role", $"'{name}' is no known role."),
                Text(path, $"{field}[{i}].content", content),
                Loss: false);
        }
    }

    private static string Text(string path, string field, JsonElement value) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw new DataException(path, null, field, "must be a string.");

    private static JsonElement Parse(string path)
    {
        try
        {
            return StrictJson.ParseElement(File.ReadAllBytes(path), DuplicateNames.LastCounts);
        }
        catch (JsonException e)
        {
            throw new DataException(path, null, null, $"is not valid JSON, {JsonProblem.Of(e)}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, null, null, $"cannot be read: {e.Message}", e);
        }
    }
}
