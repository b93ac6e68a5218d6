using System.Text.Json.Nodes;
using Rebound.Files.Rows;
using Rebound.Files.Yaml;

namespace Rebound.Trajectories.Conditions;

/// <summary>
/// Prompts as configuration, in YAML or JSON; the same form is stored with a trained model. Unknown keys are errors that
/// name the nearest known one.
/// </summary>
/// <remarks>docs/conditions.md describes the form.</remarks>
public static class PromptConfiguration
{
    private const string Base = "base";
    private const string Name = "name";
    private const string Opening = "opening";
    private const string Question = "question";
    private const string Conditions = "conditions";
    private const string Positive = "positive";
    private const string Negative = "negative";
    private const string When = "when";
    private const string Prefix = "prefix";
    private const string Suffix = "suffix";
    private const string System = "system";
    private const string Role = "role";
    private const string Content = "content";

    /// <exception cref="DataException">The file is no such configuration; its key is named.</exception>
    public static PromptTemplate Load(string path) => Read(YamlFile.Read(path), path);

    /// <param name="file">Where it is from, for messages; its name is the prompt's, where it tells none.</param>
    /// <exception cref="DataException">It is no such configuration; its key is named.</exception>
    public static PromptTemplate Read(JsonNode? json, string file)
    {
        var fields = WithBase(ConfigurationFields.Of(file, "", json));
        fields.CheckKeys(Base, Name, Opening, Question, Conditions, Positive, Negative);
        var conditions = fields.Member(Conditions) is { } list ? ReadConditions(list) : [];
        var question = fields.Question(Question);
        if (question is null && (conditions.Count == 0 || conditions.Any(condition => condition.Wording.Question is null)))
        {
            question = QuestionPrompt.Bare;
        }

        return new PromptTemplate(
            fields.Text(Name) ?? Path.GetFileNameWithoutExtension(file),
            [.. fields.List(Opening).Select(ReadTurn)],
            question,
            conditions,
            ReadRole(fields, Positive, conditions),
            ReadRole(fields, Negative, conditions));
    }

    /// <summary>The form that <see cref="Read"/> takes.</summary>
    public static JsonObject ToJson(PromptTemplate prompt)
    {
        var json = new JsonObject { [Name] = prompt.Name };
        if (prompt.Opening.Count > 0)
        {
            json[Opening] = new JsonArray(
                [.. prompt.Opening.Select(turn => new JsonObject { [Role] = turn.Role, [Content] = turn.Content })]);
        }

        Add(json, Question, prompt.Question?.Source);
        if (prompt.Conditions.Count > 0)
        {
            json[Conditions] = new JsonObject(
                prompt.Conditions.Select(condition => KeyValuePair.Create<string, JsonNode?>(condition.Name, ToJson(condition))));
            json[Positive] = prompt.Positive;
            Add(json, Negative, prompt.Negative);
        }

        return json;
    }

    /// <summary>The configuration over the built-in prompt that it names as its base: its own keys count.</summary>
    private static ConfigurationFields WithBase(ConfigurationFields fields)
    {
        if (fields.Text(Base) is not { } name)
        {
            return fields;
        }

        if (!BuiltInPrompts.Names.Contains(name))
        {
            throw fields.Error(Base, $"'{name}' is no built-in prompt; there are {string.Join(", ", BuiltInPrompts.Names)}.");
        }

        var merged = ToJson(BuiltInPrompts.Get(name));
        merged.Remove(Name);
        if (fields.Has(Conditions))
        {
            merged.Remove(Positive);
            merged.Remove(Negative);
        }

        foreach (var (key, value) in fields.Object)
        {
            merged[key] = value?.DeepClone();
        }

        return fields with { Object = merged };
    }

    private static Turn ReadTurn(ConfigurationFields turn)
    {
        turn.CheckKeys(Role, Content);
        var role = turn.Text(Role) ?? throw turn.Error(Role, "is missing.");
        return new Turn(
            Roles.Find(role) ?? throw turn.Error(Role, $"'{role}' is no known role; use system, user or assistant."),
            turn.Text(Content) ?? throw turn.Error(Content, "is missing."),
            Loss: false);
    }

    private static List<Condition> ReadConditions(ConfigurationFields fields)
    {
        var conditions = new List<Condition>();
        foreach (var (name, _) in fields.Object)
        {
            if (name == Conversation.Unconditioned)
            {
                throw fields.Error(name, "is what a prompt without a condition is called; choose another name.");
            }

            if (conditions is [.., { } before] && before.When == OutcomeRule.Any)
            {
                throw fields.Error(name, $"is never reached: '{before.Name}' before it has no 'when' and takes every outcome.");
            }

            var body = fields.Member(name) ?? throw fields.Error(name, "has nothing that tells it from the others.");
            body.CheckKeys(When, Prefix, Suffix, System, Question);
            conditions.Add(new Condition(name, OutcomeRuleJson.Read(body.Member(When)), new Wording
            {
                Prefix = body.Text(Prefix) ?? "",
                Suffix = body.Text(Suffix) ?? "",
                System = body.Text(System),
                Question = body.Question(Question),
            }));
        }

        return conditions;
    }

    private static string? ReadRole(ConfigurationFields fields, string role, List<Condition> conditions) => fields.Text(role) switch
    {
        null => null,
        var name when conditions.Any(condition => condition.Name == name) => name,
        var name => throw fields.Error(
            role, $"'{name}' is none of the conditions: {string.Join(", ", conditions.Select(condition => condition.Name))}."),
    };

    private static JsonObject ToJson(Condition condition)
    {
        var json = new JsonObject();
        if (condition.When != OutcomeRule.Any)
        {
            json[When] = OutcomeRuleJson.Write(condition.When);
        }

        Add(json, Prefix, condition.Wording.Prefix);
        Add(json, Suffix, condition.Wording.Suffix);
        Add(json, System, condition.Wording.System);
        Add(json, Question, condition.Wording.Question?.Source);
        return json;
    }

    private static void Add(JsonObject json, string key, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            json[key] = text;
        }
    }
}
