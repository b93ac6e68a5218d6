using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>Looking at trajectories, cleaning and splitting them, as a person does.</summary>
public sealed class DataCommandTests
{
    [Fact]
    public void Stats_count_all_files_together()
    {
        using var folder = new TrainingFolder();
        var json = JsonNode.Parse(
            ReboundProcess.Run(
                "data", "stats", folder.Path("positive.json"), "--input", folder.Path("negative.json"), "--tokenizer",
                folder.Path("model"), "--json").Succeeded())!;
        Assert.Equal((4, 2), ((int)json["all"]!["trajectories"]!, (int)json["all"]!["questions"]!));
        Assert.Equal(["positive", "negative"], json["outcomes"]!.AsObject().Select(outcome => outcome.Key));
        Assert.Equal("two".Length + "fire".Length, (int)json["outcomes"]!["positive"]!["tokens_in_loss"]!["sum"]!);

        var table = ReboundProcess.Run("data", "stats", folder.Path("positive.json")).Succeeded();
        Assert.Matches(@"positive +2 +100.0% +2", table);
        Assert.DoesNotContain("\u001b", table);
        Assert.DoesNotContain("tokens", table);
    }

    [Fact]
    public void Show_has_the_turns_or_what_of_them_is_learned_set_off_without_colours_too()
    {
        using var folder = new TrainingFolder();
        var plain = ReboundProcess.Run("data", "show", folder.Path("negative.json"), "--row", "2").Succeeded();
        Assert.Contains("row 2, id 1", plain);
        Assert.Contains("negative, reward 0, source 0.5", plain);
        Assert.Contains("assistant\n  moss\n", plain.ReplaceLineEndings("\n"));
        Assert.DoesNotContain("nine", plain);

        var rendered = ReboundProcess.Run(
            "data", "show", folder.Path("positive.json"), folder.Path("negative.json"), "--id", "0", "--model", folder.Path("model"),
            "--question-path", folder.Path("questions.jsonl"), "--prompt-path", folder.Path("prompts.json"),
            "--template", "aware").Succeeded();
        Assert.Contains("[good] 1+1?", rendered);
        Assert.Contains("⟦two<|im_end|>⟧", rendered);
        Assert.Contains("⟦nine<|im_end|>⟧", rendered);
        Assert.DoesNotContain("red?", rendered);
        Assert.Contains("condition incorrect", rendered);

        Assert.Contains(
            "No trajectory", ReboundProcess.Run("data", "show", folder.Path("positive.json"), "--outcome", "negative").Refused());
        Assert.Contains(
            "give --model too", ReboundProcess.Run("data", "show", folder.Path("positive.json"), "--renderer", "llama-2").Refused());
    }

    [Fact]
    public void Clean_writes_what_is_kept_as_it_was_and_what_is_not_with_its_reason()
    {
        using var folder = new TrainingFolder();
        var (input, kept, dropped) = (folder.Path("in.jsonl"), folder.Path("kept.jsonl"), folder.Path("dropped.json"));
        string[] rows =
        [
            """{"id":7,"conversations":[{"role":"assistant","content":"Action: finish[1]"}],"more":[1.50,"é"]}""",
            """{"id":7,"conversations":[{"role":"assistant","content":"action:  FINISH[1]"}]}""",
            """{"id":8,"conversations":[{"role":"assistant","content":"Action: search[1]"}],"info":{"cause":"timeout"}}""",
            """{"id":9,"conversations":[]}""",
        ];
        File.WriteAllLines(input, rows);
        var table = ReboundProcess.Run(
            "data", "clean", input, "--output", kept, "--dropped", dropped, "--duplicates", "normalized", "--drop-cause",
            "timeout", "refusal").Succeeded();
        Assert.Equal([rows[0]], File.ReadAllLines(kept));
        Assert.Equal(
            ["duplicate of a trajectory before it", "cause: timeout", "empty: the assistant says nothing"],
            JsonNode.Parse(File.ReadAllText(dropped))!.AsArray().Select(row => (string)row!["dropped"]!));
        Assert.Matches(@"kept +1 +25.0%", table);
        Assert.Contains("needs --tokenizer", ReboundProcess.Run("data", "clean", input, "--max-tokens", "4").Refused());
        Assert.Contains("also what", ReboundProcess.Run("data", "clean", input, "--output", kept, "--dropped", kept).Refused());
    }

    [Fact]
    public void Clean_replaces_personal_data_and_counts_it_by_kind()
    {
        using var folder = new TrainingFolder();
        var (input, kept) = (folder.Path("in.jsonl"), folder.Path("kept.jsonl"));
        File.WriteAllLines(input,
        [
            """{"id":1,"conversations":[{"role":"user","content":"I am a@b.example, customer C-123456."},{"role":"assistant","content":"Hi."}]}""",
            """{"id":2,"conversations":[{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi."}]}""",
        ]);

        var table = ReboundProcess.Run(
            "data", "clean", input, "--output", kept, "--redact", "--redact-pattern", "customer=C-[0-9]{6}").Succeeded();

        Assert.Contains("I am [EMAIL_1], customer [CUSTOMER_1].", File.ReadAllText(kept));
        Assert.Matches("customer +1 +1 +50.0%", table);
        Assert.Matches("email +1 +1 +50.0%", table);
        Assert.Matches("phone +0 +0 +0.0%", table);
        Assert.Contains("it must be one of key, email", ReboundProcess.Run("data", "clean", input, "--redact-kinds", "mail").Refused());
        Assert.Contains("must be NAME=REGEX", ReboundProcess.Run("data", "clean", input, "--redact-pattern", "[0-9]").Refused());
        Assert.Contains("which is a kind already", ReboundProcess.Run("data", "clean", input, "--redact-pattern", "key=k").Refused());
    }

    [Fact]
    public void Split_has_no_question_on_both_sides()
    {
        using var folder = new TrainingFolder();
        var (train, heldOut) = (folder.Path("train.json"), folder.Path("held-out.jsonl"));
        string[] split = ["data", "split", folder.Path("positive.json"), folder.Path("negative.json"), "--output", train,
            "--held-out-output", heldOut];
        ReboundProcess.Run([.. split, "--held-out", "1", "--seed", "3"]).Succeeded();
        var (left, right) = (JsonNode.Parse(File.ReadAllText(train))!.AsArray(),
            File.ReadLines(heldOut).Select(line => JsonNode.Parse(line)).ToArray());
        Assert.Equal((2, 2), (left.Count, right.Length));
        Assert.Empty(left.Select(row => (int)row!["id"]!).Intersect(right.Select(row => (int)row!["id"]!)));

        Assert.Contains("nothing would be left", ReboundProcess.Run([.. split, "--held-out", "2"]).Refused());
        Assert.Contains("between 0 and 1", ReboundProcess.Run([.. split, "--held-out", "0"]).Refused());
        Assert.Contains(
            "is also read", ReboundProcess.Run("data", "split", train, "--output", train, "--held-out-output", heldOut).Refused());
    }
}
