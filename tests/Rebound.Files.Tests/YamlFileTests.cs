using System.Text;
using Rebound.Files.Rows;
using Rebound.Files.Yaml;
using Rebound.Testing;

namespace Rebound.Files.Tests;

public sealed class YamlFileTests
{
    private const int Levels = 20_000;

    [Theory]
    [InlineData("a: &x [1, {b: two}]\nc: *x\n", """{"a":[1,{"b":"two"}],"c":[1,{"b":"two"}]}""")]
    [InlineData("a: &x 1\nb: [*x, *x, &x 2, *x]", """{"a":1,"b":[1,1,2,2]}""")]
    [InlineData("&k key: 1\n*k : 2", null)]
    [InlineData("? &k key\n: 1\nb: *k", """{"key":1,"b":"key"}""")]
    [InlineData("a: \"\\ud83d\\ude00 \\x41\"\nb: 'ünï 😀'", """{"a":"😀 A","b":"ünï 😀"}""")]
    [InlineData("a: 1e999\nb: 0x10\nc: .5", """{"a":"1e999","b":"0x10","c":0.5}""")]
    [InlineData("# nothing\n", "null")]
    [InlineData("", "null")]
    public void Values_stand_wherever_they_are_referred_to(string yaml, string? json)
    {
        if (json is null)
        {
            Assert.Contains("key stands there twice", Refused(yaml));
            return;
        }

        Assert.Equal(json, YamlFile.Parse(yaml, "task.yml") is { } node ? Plain(node.ToJsonString()) : "null");
    }

    [Fact]
    public void Two_hundred_levels_are_read_and_one_more_is_not()
    {
        Assert.NotNull(YamlFile.Parse(Nested("[", "]", 200), "task.yml"));
        Assert.NotNull(YamlFile.Parse($"a: &x {Nested("[", "]", 100)}\nb: {Nested("[", "]", 99, "*x")}", "task.yml"));

        Assert.Contains("line 1: the document nests more than 200 deep.", Refused(Nested("[", "]", 201)));
        Assert.Contains(
            "line 2: the document nests more than 200 deep.", Refused($"a: &x {Nested("[", "]", 100)}\nb: {Nested("[", "]", 100, "*x")}"));
    }

    [Fact]
    public void Whatever_nests_without_end_is_refused()
    {
        string[] documents =
        [
            new('[', Levels), $"a: {Nested("[", "]", Levels)}", Nested("{a: ", "}", Levels), Nested("[{a: ", "}]", Levels),
            new('{', Levels), Nested("{? ", "}", Levels),
            string.Concat(Enumerable.Repeat("- ", Levels)) + "x",
            string.Concat(Enumerable.Repeat("? ", Levels)) + "x", Nested("[&a ", "]", Levels),
            string.Concat(Enumerable.Range(0, 400).Select(i => $"{new string(' ', i)}a:\n")) + new string(' ', 400) + "x",
            "a0: &a0 [x]\n" + string.Concat(Enumerable.Range(1, 300).Select(i => $"a{i}: &a{i} [*a{i - 1}]\n")),
        ];

        Assert.All(documents, document => Assert.Contains("task.yml: line ", Refused(document)));
        Assert.All(documents, document => Assert.Contains("200 deep", Refused(document)));
    }

    [Theory]
    [InlineData("a: &a [*a]", "line 1: *a refers to what it stands in")]
    [InlineData("&r\na:\n  b: {c: *r}", "line 3: *r refers to what it stands in")]
    [InlineData("a: &x {b: &y [*x]}", "line 1: *x refers to what it stands in")]
    [InlineData("a: 1\nb: *nowhere", "line 2: *nowhere refers to no anchor before it")]
    [InlineData("{[a]: b}", "line 1: a key must be text")]
    [InlineData("a: 1\n---\nb: 2", "more than one YAML document")]
    [InlineData("a: \"\\0\"", "line 1 holds a NUL character")]
    [InlineData("a: 1\nb: c\0d", "line 2 holds a NUL character")]
    [InlineData("a:\n  b: \"\\ud800\"", "line 2")]
    [InlineData("\"\\udc00\": 1", "line 1")]
    [InlineData("a: {", "line 1 is not valid YAML")]
    [InlineData("a: \"\\q\"", "line 1 is not valid YAML")]
    [InlineData("%YAML 9.9\n---\na", "not valid YAML")]
    [InlineData("a: !<tag:x 1", "line 1 is not valid YAML")]
    public void What_is_wrong_is_said_with_its_line(string yaml, string words) => Assert.Contains(words, Refused(yaml));

    [Fact]
    public void Half_a_character_is_refused() =>
        Assert.Contains("line 2 holds half of a surrogate pair, \\ud800", Refused("a: 1\nb: '\ud800'"));

    [Fact]
    public void Values_that_multiply_are_counted_before_they_are_made()
    {
        var bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range('b', 20).Select(c =>
            $"{(char)c}: &{(char)c} [{string.Join(',', Enumerable.Repeat($"*{(char)(c - 1)}", 9))}]\n"));
        var mappings = bomb.Replace("[*", "{p: *").Replace("]", "}").Replace("a: &a [", "a: &a {").Replace("x,x,x,x,x,x,x,x,x", "x: 1");

        Assert.Contains("more than 100,000 values", Refused(bomb));
        Assert.Contains("task.yml: line ", Refused(mappings));
        Assert.Contains("more than 100,000 values", Refused($"[{string.Join(',', Enumerable.Repeat('x', 200_000))}]"));
        Assert.Equal(90_000, YamlFile.Parse($"[{string.Join(',', Enumerable.Repeat('x', 90_000))}]", "task.yml")!.AsArray().Count);
    }

    [Theory]
    [InlineData("yaml/selfref.yml")]
    [InlineData("yaml/p_self.yml")]
    [InlineData("yaml/bomb.yml")]
    [InlineData("yaml/deep10000.yml")]
    [InlineData("yaml/nul.yml")]
    [InlineData("yaml/surr.yml")]
    [InlineData("yaml/dup.yml")]
    [InlineData("card_yaml/task.yml")]
    public void Hostile_files_are_refused_by_name_and_line(string name)
    {
        var path = SharedData.Path($"cases/hostile/{name}");

        Assert.StartsWith($"{path}: line ", Assert.Throws<DataException>(() => YamlFile.Read(path)).Message);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused_by_name_and_line()
    {
        Assert.Contains("line 2 is not valid UTF-8", RefusedFile([.. "a: 1\nb: "u8, 0xC3, 0x28]));
        Assert.Contains("line 1 is not valid UTF-8", RefusedFile([.. "a: "u8, 0xED, 0xA0, 0x80]));
        Assert.Contains("line 1 is not valid UTF-16", RefusedFile([0xFF, 0xFE, (byte)'a', 0, 0x00, 0xD8]));
        Assert.Contains("NUL", RefusedFile(new byte[100]));
        Assert.Contains("longer than 4 MiB", RefusedFile(Encoding.UTF8.GetBytes(new string('#', (4 << 20) + 1))));
    }

    [Fact]
    public void A_byte_order_mark_says_how_the_text_is_written()
    {
        foreach (var encoding in new[] { Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            using var file = new TemporaryFile("", ".yml");
            File.WriteAllText(file.Path, "a: ü", encoding);
            Assert.Equal("ü", (string?)YamlFile.Read(file.Path)!["a"]);
        }
    }

    private static string Refused(string yaml) => Assert.Throws<DataException>(() => YamlFile.Parse(yaml, "task.yml")).Message;

    private static string RefusedFile(byte[] bytes)
    {
        using var file = new TemporaryFile("", ".yml");
        File.WriteAllBytes(file.Path, bytes);
        var message = Assert.Throws<DataException>(() => YamlFile.Read(file.Path)).Message;
        Assert.StartsWith(file.Path, message);
        return message;
    }

    private static string Nested(string open, string close, int levels, string inner = "x") =>
        string.Concat(Enumerable.Repeat(open, levels)) + inner + string.Concat(Enumerable.Repeat(close, levels));

    private static string Plain(string json) => System.Text.RegularExpressions.Regex.Unescape(json);
}
