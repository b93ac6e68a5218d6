using Rebound.Files.Yaml;

namespace Rebound.Trajectories.Conditions;

/// <summary>
/// The prompts that come with Rebound, each with positive, negative and neutral wordings. They are written in the form of
/// <see cref="PromptConfiguration"/>, in the folder <c>Prompts</c>.
/// </summary>
public static class BuiltInPrompts
{
    /// <summary>Tells the outcome after a question that brings its own instructions.</summary>
    public const string Outcome = "outcome";

    public static IReadOnlyList<string> Names { get; } = [Outcome, "math", "multi-hop-qa", "yes-no-qa", "math-native",
        "multi-hop-qa-native", "yes-no-qa-native"];

    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">No prompt has this name.</exception>
    public static PromptTemplate Get(string name)
    {
        var resource = $"{typeof(BuiltInPrompts).Namespace}.Prompts.{name}.yml";
        using var stream = Names.Contains(name) ? typeof(BuiltInPrompts).Assembly.GetManifestResourceStream(resource) : null;
        if (stream is null)
        {
            throw new ArgumentException($"'{name}' is no built-in prompt; there are {string.Join(", ", Names)}.", nameof(name));
        }

        using var reader = new StreamReader(stream);
        return PromptConfiguration.Read(YamlFile.Parse(reader.ReadToEnd(), resource), $"{name}.yml");
    }
}
