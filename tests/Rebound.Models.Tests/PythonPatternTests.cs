using System.Text.RegularExpressions;
using Rebound.Models.Adapters;

namespace Rebound.Models.Tests;

public sealed class PythonPatternTests
{
    /// <summary>What Python's re.fullmatch says of texts that match and of texts that do not, by its documentation.</summary>
    [Theory]
    [InlineData(@"(?P<m>model)\.layers\.\d+", "model.layers.12", "layers.12")]
    [InlineData(@"layers\.\d{,2}", "layers.12", "layers.123")]
    [InlineData(@"a{,}b", "aaab", "a,b")]
    [InlineData(@"a{2}", "aa", "aaa")]
    [InlineData(@"a{1,2}?b", "aab", "aaab")]
    [InlineData(@"a{x}", "a{x}", "axx")]
    [InlineData(@"a{}", "a{}", "a")]
    [InlineData(@"(?P<a>x|y)(z)(?P=a)", "xzx", "xzy")]
    [InlineData(@"(?P<a>x)(y)\1\2", "xyxy", "xyyx")]
    [InlineData(@"(?P<a>x)?(?(a)y|z)", "xy", "xz")]
    [InlineData(@"(x)?(?(1)y|z)", "z", "xz")]
    [InlineData(@"abc\Z", "abc", "abcd")]
    [InlineData(@"\_proj", "_proj", "proj")]
    [InlineData(@"[[a]", "[", "]")]
    [InlineData(@"[a-z-[aeiou]]", "-]", "b")]
    [InlineData(@"[]a]+", "]a", "[")]
    [InlineData(@"[^]a]", "b", "]")]
    [InlineData(@"a++b", "aab", "b")]
    [InlineData(@"a*+a", null, "aa")]
    [InlineData(@"(?:ab)?+c", "abc", "ab")]
    [InlineData(@"(?#a comment)a", "a", "comment")]
    [InlineData(@"(?i)A", "a", "b")]
    [InlineData(@"(?a)\d(?u:a)", "1a", "a")]
    [InlineData(@"(?ai:A)b", "ab", "aB")]
    [InlineData(@"(?=q)q|(?!q)k|(?<=x)v|(?<!x)o", "k", "v")]
    [InlineData(@"\U0001F600", "😀", "😁")]
    [InlineData(@".*\.(?:q|v)_proj", "model.q_proj", "model.k_proj")]
    public void Patterns_match_what_Python_matches(string pattern, string? matching, string other)
    {
        if (matching is not null)
        {
            Assert.True(ModulePattern.MatchesWhole(pattern, matching), PythonPattern.ToDotNet(pattern));
        }

        Assert.False(ModulePattern.MatchesWhole(pattern, other), PythonPattern.ToDotNet(pattern));
    }

    [Theory]
    [InlineData("q_(proj")]
    [InlineData("a)")]
    [InlineData("(?P<a")]
    [InlineData("(?P=none)")]
    [InlineData("*")]
    [InlineData(@"a\")]
    [InlineData("[a")]
    public void What_is_no_pattern_is_named(string pattern) => Assert.Contains(
        $"'{pattern}' is not a regular expression",
        Assert.Throws<ArgumentException>(() => ModulePattern.MatchesWhole(pattern, "q_proj")).Message);

    [Fact]
    public void Groups_that_nest_without_end_are_refused() => Assert.Contains(
        "nests more than 200 deep",
        Assert.Throws<ArgumentException>(() =>
            ModulePattern.MatchesWhole(new string('(', 30_000) + new string(')', 30_000), "q_proj")).Message);

    [Fact]
    public void Patterns_of_both_languages_stay_as_they_are()
    {
        const string Pattern = @".*\.layers\.(\d|1\d)\.(self_attn|mlp)\.[^.]+_proj$";
        Assert.Equal(Pattern, PythonPattern.ToDotNet(Pattern));
        Assert.Matches(Pattern, "model.layers.12.mlp.up_proj");
    }
}
