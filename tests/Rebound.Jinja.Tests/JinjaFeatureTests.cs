using Rebound.Testing;

namespace Rebound.Jinja.Tests;

/// <summary>
/// Templates written for one feature of the language each, and templates in the style of well-known models, with what
/// Jinja2 3.1.6 under CPython 3.11 (the last hundred: 3.12) made of them in the environment that transformers sets up.
/// </summary>
public sealed class JinjaFeatureTests
{
    [Theory]
    [InlineData("jinja-features.jsonl")]
    [InlineData("jinja-models.jsonl")]
    public void Templates_render_as_Jinja_does(string fixture)
    {
        var path = Path.Combine(SharedData.RepositoryRoot, "tests", "Rebound.Jinja.Tests", "Fixtures", fixture);
        var differences = TemplateRows.Differences(path, out var count);
        Assert.True(count > 0);
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }
}
