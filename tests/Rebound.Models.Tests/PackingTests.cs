using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Models.Parameters;
using Rebound.Testing;

namespace Rebound.Models.Tests;

public sealed class PackingTests
{
    // fp32 sums of the same numbers in another order: rounding grows with the square root of the terms, here below 64.
    private const double Tolerance = 64 * 1.2e-7;

    [Theory]
    [InlineData("llama", false)]
    [InlineData("llama", true)]
    [InlineData("mistral", false)]
    [InlineData("qwen2", true)]
    [InlineData("qwen3", false)]
    public void A_packed_batch_gives_the_losses_and_gradients_of_its_documents_apart(string type, bool tied)
    {
        var config = TinyModel.Config(type, json =>
        {
            json["tie_word_embeddings"] = tied;
            json["sliding_window"] = type == "mistral" ? JsonValue.Create(7) : null;
        });
        int[] lengths = [13, 1, 30, 2, 21];
        using var backend = new CpuBackend();
        using var model = LlamaModel.Initialize(backend, config, seed: 5);
        using var packed = model.CreateGradients();
        using var apart = model.CreateGradients();
        var documents = lengths.Select((length, d) => TinyModel.Tokens(length, d)).ToArray();

        var packedLoss = model.LossAndGradients(Pack(documents), packed, 0.125f);
        var apartLoss = documents.Sum(document => model.LossAndGradients(Pack([document]), apart, 0.125f));

        Assert.Equal(apartLoss, packedLoss, Math.Abs(apartLoss) * Tolerance);
        Assert.Equal(apartLoss, model.Loss(Pack(documents)), Math.Abs(apartLoss) * Tolerance);
        Assert.All(model.Weights.Table.Slices, slice => AssertClose(slice.Name, Read(apart, slice), Read(packed, slice)));
    }

    [Fact]
    public void A_batch_without_supervised_tokens_has_no_loss_and_leaves_gradients_alone()
    {
        using var backend = new CpuBackend();
        using var model = LlamaModel.Initialize(backend, TinyModel.Config(), seed: 1);
        using var gradients = model.CreateGradients();

        Assert.Equal(0, model.LossAndGradients(new PackedBatch([3, 4, 5], [0, 3], [-100, -100, -100]), gradients, 1));
        Assert.All(model.Weights.Table.Slices, slice => Assert.All(Read(gradients, slice), value => Assert.Equal(0, value)));
    }

    [Fact]
    public void A_sequence_beyond_the_context_is_refused_with_both_numbers()
    {
        using var backend = new CpuBackend();
        using var model = LlamaModel.Initialize(backend, TinyModel.Config(), seed: 1);
        var tokens = TinyModel.Tokens(257, 0);

        var exception = Assert.Throws<ArgumentException>(() => model.Loss(new PackedBatch(tokens, [0, 257], tokens)));

        Assert.Contains("257", exception.Message);
        Assert.Contains("256", exception.Message);
    }

    [Fact]
    public void The_workspace_takes_what_was_said_before_it_was_allocated()
    {
        using var backend = new CpuBackend();
        var config = TinyModel.Config();

        var small = LlamaModel.WorkspaceBytes(backend, config, 16, backward: true);
        var large = LlamaModel.WorkspaceBytes(backend, config, 32, backward: true);

        Assert.InRange(large, small + 1, 2 * small);
        Assert.True(LlamaModel.WorkspaceBytes(backend, config, 32, backward: false) < large);
    }

    private static PackedBatch Pack(int[][] documents)
    {
        int[] tokens = [.. documents.SelectMany(document => document)];
        var starts = new int[documents.Length + 1];
        for (var d = 0; d < documents.Length; d++)
        {
            starts[d + 1] = starts[d] + documents[d].Length;
        }

        return new PackedBatch(tokens, starts, [.. tokens.Select(token => token % 3 == 0 ? PackedBatch.IgnoreLabel : token)]);
    }

    private static float[] Read(ParameterSet set, ParameterSlice slice)
    {
        var values = new float[slice.Shape.Count];
        set.Read(slice.Name, values);
        return values;
    }

    private static void AssertClose(string name, float[] expected, float[] actual)
    {
        var scale = expected.Max(Math.Abs);
        var difference = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(difference <= Tolerance * scale, $"{name}: {difference} of {scale}");
    }
}
