using System.CommandLine;
using Rebound.Cli.Suggestions;

namespace Rebound.Cli.Tests;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("train", "--lr", "--learning-rate")]
    [InlineData("train", "--batch-size", "--per-device-train-batch-size")]
    [InlineData("train", "--batch_size", "--per-device-train-batch-size")]
    [InlineData("train", "--epochs", "--num-train-epochs")]
    [InlineData("train", "--num-epochs", "--num-train-epochs")]
    [InlineData("train", "--limit", "--pos-num and --neg-num")]
    [InlineData("train", "--dry-run", "--plan")]
    [InlineData("train", "--max-seq-length", "--model-max-length")]
    [InlineData("train", "--output", "--output-dir")]
    [InlineData("train", "--dataset", "--data")]
    [InlineData("train", "--gpu", "--device cuda")]
    [InlineData("train", "--iters", "--max-steps")]
    [InlineData("train", "--grad-accum", "--gradient-accumulation-steps")]
    [InlineData("train", "--val-size", "--held-out")]
    [InlineData("train", "--target-modules", "--lora-targets")]
    [InlineData("train", "--learnig-rate", "--learning-rate")]
    [InlineData("train", "--batchsize", "--per-device-train-batch-size")]
    [InlineData("demo", "--lr", "--learning-rate")]
    [InlineData("evaluate", "--limit", "--task-end-index")]
    [InlineData("collect", "--limit", "--task-end-index")]
    [InlineData("collect", "--temperature", "--temperatures")]
    [InlineData("generate", "--temp", "--temperature")]
    [InlineData("generate", "--n-predict", "--max-new-tokens")]
    [InlineData("generate", "-n", "--max-new-tokens")]
    [InlineData("generate", "-p", "--prompt")]
    [InlineData("generate", "-t", "--threads")]
    [InlineData("generate", "--repeat-penalty", "--repetition-penalty")]
    [InlineData("generate", "--output-dir", "--output")]
    [InlineData("generate", "--max-tokens", "--max-new-tokens")]
    [InlineData("chat", "--max-new-tokens", "--max-tokens")]
    [InlineData("chat", "--system-prompt", "--system")]
    [InlineData("chat", "--base-url", "--endpoint")]
    [InlineData("init", "--model", "--tokenizer")]
    [InlineData("merge", "--lora", "--adapter")]
    [InlineData("data show", "--limit", "--count")]
    [InlineData("generate", "--top-n", "--top-p or --top-k")]
    public void Options_of_other_programs_are_told_by_what_they_are_here(string command, string typed, string meant) =>
        Assert.StartsWith(
            $"'{command}' has no option {typed.Replace('_', '-')}; did you mean {meant}?",
            ParsedLine.Problems([.. command.Split(' '), typed, "1"])[0]);

    [Theory]
    [InlineData("train", "--wandb", "metrics.jsonl and TensorBoard's files")]
    [InlineData("train", "--wandb-project", "metrics.jsonl and TensorBoard's files")]
    [InlineData("train", "--dpo", "The methods are vanilla, nut, nat, weighted, unlikelihood, dft, dpo, kto")]
    [InlineData("generate", "--num-beams", "there is no beam search")]
    [InlineData("chat", "--hf-repo", "'rebound pull OWNER/NAME' downloads a model")]
    [InlineData("merge", "--lora-rank", "'merge' has no option --lora-rank; 'train' and 'improve' have it.")]
    public void What_there_is_not_is_said_with_what_to_do_instead(string command, string typed, string words) =>
        Assert.Contains(
            ParsedLine.Problems(command, typed, "x"),
            problem => problem.Contains(words, StringComparison.Ordinal) && !problem.Contains("did you mean", StringComparison.Ordinal));

    [Theory]
    [InlineData("train", "--temp")]
    [InlineData("tokenize", "--limit")]
    [InlineData("chat", "-p")]
    [InlineData("verify", "--lr")]
    [InlineData("doctor", "-x")]
    public void Nothing_is_suggested_that_means_something_else(string command, string typed) =>
        Assert.DoesNotContain(ParsedLine.Problems(command, typed), problem => problem.Contains("did you mean", StringComparison.Ordinal));

    [Theory]
    [InlineData("finetune", "did you mean train?")]
    [InlineData("fine-tune", "did you mean train?")]
    [InlineData("eval", "did you mean evaluate?")]
    [InlineData("test", "did you mean evaluate?")]
    [InlineData("run", "did you mean chat or generate?")]
    [InlineData("trian", "did you mean train?")]
    [InlineData("stats", "did you mean 'rebound data stats'?")]
    [InlineData("calculate", "did you mean 'rebound tool calculate'?")]
    [InlineData("api", "did you mean serve?")]
    [InlineData("download", "did you mean pull?")]
    [InlineData("ls", "did you mean list?")]
    [InlineData("ps", "--model names it")]
    [InlineData("convert", "'rebound data convert' converts trajectories")]
    [InlineData("quantize", "did you mean export?")]
    [InlineData("xyzzy", "There is no command 'xyzzy'.")]
    public void Commands_of_other_programs_are_told_by_what_they_are_here(string typed, string words) =>
        Assert.Contains(words, ParsedLine.Problems(typed)[0]);

    [Fact]
    public void A_command_is_looked_for_under_other_groups_too() =>
        Assert.Equal("There is no command 'data train'; did you mean 'rebound train'?", ParsedLine.Problems("data", "train")[0]);

    [Theory]
    [InlineData("generate", "--dtype", "bf16", "did you mean bfloat16?")]
    [InlineData("train", "--method", "sft", "did you mean vanilla?")]
    [InlineData("train", "--lr-scheduler-type", "cosin", "did you mean cosine?")]
    [InlineData("train", "--save-strategy", "never", "did you mean no?")]
    public void Values_are_told_in_the_same_way(string command, string option, string value, string words) =>
        Assert.Contains(ParsedLine.Problems(command, option, value), problem => problem.Contains(words, StringComparison.Ordinal));

    [Fact]
    public void Files_of_options_and_variables_get_the_same_words()
    {
        var path = Path.Combine(Path.GetTempPath(), $"rebound-{Guid.NewGuid():N}.yml");
        File.WriteAllText(path, "lr: 1\nwandb: true\ngpu: 0\n");
        try
        {
            var said = Assert.Throws<InputException>(() => ParsedLine.Parse("train", path)).Message;

            Assert.Contains("line 1: 'train' has no option lr; did you mean learning-rate?", said);
            Assert.Contains("line 2: 'train' has no option wandb. Nothing is sent to a service", said);
            Assert.Contains("line 3: 'train' has no option gpu; did you mean device: cuda?", said);
        }
        finally
        {
            File.Delete(path);
        }

        var variables = new Dictionary<string, string> { ["REBOUND_LR"] = "1", ["REBOUND_GPU"] = "1", ["REBOUND_XYZZY"] = "1" };
        var problem = Assert.Throws<InputException>(() => ParsedLine.Read(["doctor"], variables)).Message;
        Assert.Contains("REBOUND_LR sets no option of any command; did you mean REBOUND_LEARNING_RATE?", problem);
        Assert.Contains("REBOUND_GPU sets no option of any command; did you mean REBOUND_DEVICE=cuda?", problem);
        Assert.Contains("REBOUND_XYZZY sets no option of any command; unset it.", problem);
    }

    [Fact]
    public void What_is_suggested_exists()
    {
        var options = CommandTree.Under(ParsedLine.Root).SelectMany(CommandTree.OptionsOf).SelectMany(option =>
            option.Aliases.Prepend(option.Name)).ToHashSet();
        var commands = CommandTree.Under(ParsedLine.Root).Select(command => command.Path).Append("help").ToHashSet();

        Assert.All(
            OptionSynonyms.Renamed.SelectMany(entry => entry.Meant).SelectMany(meant => meant.Split(':')[^1].Split('=')[0].Split('+')),
            name => Assert.Contains($"--{name}", options));
        Assert.All(CommandSynonyms.Renamed.SelectMany(entry => entry.Meant), meant => Assert.Contains(meant.Split(" --")[0], commands));
        Assert.All(
            CommandSynonyms.Renamed.SelectMany(entry => entry.Typed.Split(' ')),
            name => Assert.DoesNotContain(ParsedLine.Root.Subcommands, command => command.Name == name));
    }
}
