using Rebound.Fuzz.Judging;
using Rebound.Fuzz.Mutation;
using Rebound.Fuzz.Readers;
using Rebound.Text;

namespace Rebound.Fuzz.Tests;

/// <summary>That faults are seen: a fuzzer that finds nothing shows nothing unless it would find something.</summary>
public sealed class JudgeTests
{
    [Fact]
    public async Task Every_kind_of_fault_is_found_and_what_comes_after_it_is_read()
    {
        var result = await FuzzRun.RunAsync(FaultyReader.Reader, seed: 1, inputs: 8, TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                (1, Fault.Crash), (2, Fault.Hang), (3, Fault.Memory), (4, Fault.RefusedSeed), (4, Fault.Memory),
                (5, Fault.RefusedSeed), (5, Fault.Unexpected),
                (6, Fault.RefusedSeed), (6, Fault.Words), (7, Fault.RefusedSeed),
            ],
            result.Findings.Select(finding => (finding.Index, finding.Fault)));
        Assert.Equal((1, 4), (result.Accepted, result.Refused));
    }

    [Theory]
    [InlineData("The tokenizer has no model.", true)]
    [InlineData("file.json: line 3: 'x' is none of a, b.", true)]
    [InlineData("", false)]
    [InlineData("The file is none.\n   at Read()", false)]
    [InlineData("Object reference not set to an instance of an object.", false)]
    [InlineData("The JSON value could not be converted to System.Int32.", false)]
    [InlineData("It failed with a FormatException.", false)]
    public void A_sentence_is_one_in_a_persons_words(string sentence, bool isGood) =>
        Assert.Equal(isGood, Judge.OfSentence(sentence) is null);

    [Fact]
    public void What_the_runtime_says_of_its_own_arguments_is_no_sentence_of_ours()
    {
        var exception = Record.Exception(() => new Dictionary<string, int> { ["a"] = 1 }.Add("a", 2));
        Assert.Equal(Fault.Words, Judge.Of(exception!)!.Value.Fault);
        Assert.Null(Judge.Of(Record.Exception(() => Tokenizer.Parse("[]"u8))!));
    }

    [Fact]
    public void An_input_is_made_of_its_number_alone()
    {
        using var bench = new Workbench();
        foreach (var reader in FuzzReaders.All)
        {
            var seeds = reader.Seeds(bench);
            Assert.Equal(FuzzReader.Input(reader, seeds, 1, 77), FuzzReader.Input(reader, seeds, 1, 77));
            Assert.All(
                Enumerable.Range(0, 50),
                index => Assert.InRange(FuzzReader.Input(reader, seeds, 1, index).Length, 0, FuzzReader.MostBytes));
        }
    }

    [Fact]
    public void Spoilt_JSON_is_mostly_JSON_still()
    {
        var seed = "{\"a\":[1,2,{\"b\":\"c\"}],\"d\":null}"u8.ToArray();
        var readable = Enumerable.Range(0, 1_000).Count(index =>
            IsJson(JsonMutator.Instance.Mutate(seed, [seed], FuzzRandom.Of("test", 1, index))));
        Assert.InRange(readable, 500, 999);
    }

    private static bool IsJson(byte[] text)
    {
        try
        {
            System.Text.Json.JsonDocument.Parse(text).Dispose();
            return true;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }
}
