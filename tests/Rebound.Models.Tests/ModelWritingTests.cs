using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Files;
using Rebound.Testing;

namespace Rebound.Models.Tests;

/// <summary>What stands in a folder at every instant at which the process that writes a model may end.</summary>
public sealed class ModelWritingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_publication_replaces_all_of_the_model_before_and_nothing_else()
    {
        Publish(
            "old", "tokenizer.json", "chat_template.jinja", "additional_chat_templates/tool_use.jinja", "model-00001-of-00002.safetensors");
        _folder.Write("metrics.jsonl", "kept");

        Publish("new", "tokenizer.json", "additional_chat_templates/rag.jinja");

        Assert.Equal(
            ["additional_chat_templates/rag.jinja", "config.json", "metrics.jsonl", "model.safetensors", "tokenizer.json"],
            Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_folder.Path, path))
                .Order(StringComparer.Ordinal));
        AssertModel("new");
    }

    [Fact]
    public void A_model_that_cannot_be_written_leaves_the_one_before()
    {
        Publish("old");
        Assert.Throws<IOException>(() => ModelPublication.Publish(_folder.Path, folder =>
        {
            File.WriteAllText(Path.Combine(folder, "config.json"), "new");
            throw new IOException("full");
        }));
        AssertModel("old");
        Assert.Empty(Directory.GetDirectories(_folder.Path));
    }

    /// <summary>Each state that a killed process can leave, made by hand; the next opening goes on from there.</summary>
    [Theory]
    [InlineData(".model.partial", 2, 0, "old")]
    [InlineData(".model.whole", 3, 0, "new")]
    [InlineData(".model.whole", 3, 1, "new")]
    [InlineData(".model.whole", 3, 2, "new")]
    [InlineData(".model.moving", 3, 2, "new")]
    [InlineData(".model.moving", 2, 2, "new")]
    [InlineData(".model.moving", 1, 2, "new")]
    [InlineData(".model.moving", 0, 2, "new")]
    public void A_publication_that_was_cut_off_leaves_the_old_model_or_the_new_one(string hidden, int waiting, int gone, string expected)
    {
        // In the order in which files are deleted, and in the one in which they are moved.
        string[] deleted = ["config.json", "model.safetensors"];
        string[] moved = ["model.safetensors", "tokenizer.json", "config.json"];
        Publish("old");
        foreach (var name in deleted.Take(gone))
        {
            File.Delete(_folder.File(name));
        }

        Directory.CreateDirectory(_folder.File(hidden));
        foreach (var (index, name) in moved.Index())
        {
            var isThere = hidden == ".model.partial" ? index < waiting : index >= moved.Length - waiting;
            if (isThere || hidden == ".model.moving")
            {
                _folder.Write(isThere ? $"{hidden}/{name}" : name, "new");
            }
        }

        Assert.True(ModelPublication.IsIn(_folder.Path));
        ModelPublication.Finish(_folder.Path);

        AssertModel(expected);
        Publish("next");
        AssertModel("next");
        Assert.Empty(Directory.GetDirectories(_folder.Path));
    }

    [Fact]
    public async Task A_folder_is_there_at_every_instant_while_it_is_replaced()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "other systems exchange no folders in one step");
        var model = _folder.File("model");
        Write(model, "first");
        using var stop = new CancellationTokenSource();
        var absences = 0;
        var watcher = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                absences += File.Exists(Path.Combine(model, "config.json")) ? 0 : 1;
            }
        }, CancellationToken.None);
        for (var i = 0; i < 100; i++)
        {
            Write(model, $"{i}");
        }

        await stop.CancelAsync();
        await watcher;
        Assert.Equal(0, absences);
        Assert.Equal(["model"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void What_a_killed_replacement_left_is_put_back_or_taken_away()
    {
        var model = _folder.File("model");
        Write(_folder.File(".model.old"), "old");
        Write(_folder.File(".model.partial"), "half");
        WholeFolder.Restore(model);
        Assert.Equal("old", File.ReadAllText(Path.Combine(model, "config.json")));
        Write(model, "new");
        Assert.Equal(["model"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        Assert.Equal("new", File.ReadAllText(Path.Combine(model, "config.json")));
    }

    [Fact]
    public void Two_processes_do_not_write_one_folder_at_once() => ModelFolder.Write(
        _folder.File("model"),
        overwrite: false,
        _ => Assert.Contains("another process", Assert.ThrowsAny<IOException>(() => Write(_folder.File("model"), "other")).Message));

    [Fact]
    public void All_files_of_a_tokenizer_go_with_a_model_as_they_are()
    {
        string[] names =
        [
            "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja",
            "vocab.json", "merges.txt", "tokenizer.model", "additional_chat_templates/tool_use.jinja",
        ];
        Directory.CreateDirectory(_folder.File("from/additional_chat_templates"));
        foreach (var name in names)
        {
            _folder.Write($"from/{name}", name.EndsWith("json", StringComparison.Ordinal) ? $"{{ \"of\":  \"{name}\"}}" : name);
        }

        _folder.Write("from/README.md", "not a tokenizer's");
        Directory.CreateDirectory(_folder.File("to"));
        TokenizerSource.Open(_folder.File("from")).WriteTo(_folder.File("to"));

        Assert.Equal(
            names.Order(StringComparer.Ordinal),
            Directory.GetFiles(_folder.File("to"), "*", SearchOption.AllDirectories).Select(path =>
                Path.GetRelativePath(_folder.File("to"), path)).Order(StringComparer.Ordinal));
        Assert.All(
            names, name => Assert.Equal(File.ReadAllBytes(_folder.File($"from/{name}")), File.ReadAllBytes(_folder.File($"to/{name}"))));
    }

    [Fact]
    public void A_tokenizer_file_of_another_name_and_one_that_was_made_here_get_the_usual_names()
    {
        _folder.Write("mine.json", "{}");
        _folder.Write("tokenizer_config.json", """{"eos_token":"e"}""");
        Directory.CreateDirectory(_folder.File("to"));
        TokenizerSource.Open(_folder.File("mine.json")).WriteTo(_folder.File("to"));
        AssertFiles();
        Directory.CreateDirectory(_folder.File("made"));
        TokenizerSource.Of([], new JsonObject { ["eos_token"] = "e" }).WriteTo(_folder.File("made"));
        AssertFiles("made");

        void AssertFiles(string folder = "to")
        {
            Assert.Equal(
                ["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"],
                Directory.GetFiles(_folder.File(folder)).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            Assert.Equal("e", (string?)JsonFile.Read(_folder.File($"{folder}/special_tokens_map.json"))["eos_token"]);
        }
    }

    private void Publish(string content, params string[] more) => ModelPublication.Publish(_folder.Path, folder =>
    {
        foreach (var name in (string[])["config.json", "model.safetensors", .. more])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
            File.WriteAllText(Path.Combine(folder, name), content);
        }
    });

    private void AssertModel(string content) =>
        Assert.All((string[])["config.json", "model.safetensors"], name => Assert.Equal(content, File.ReadAllText(_folder.File(name))));

    private static void Write(string model, string content) =>
        ModelFolder.Write(model, overwrite: true, folder => File.WriteAllText(Path.Combine(folder, "config.json"), content));
}
