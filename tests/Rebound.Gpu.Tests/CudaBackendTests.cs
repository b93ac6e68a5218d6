using Rebound.Engine;
using Rebound.Engine.Cuda;
using Rebound.Engine.Tests.Conformance;
using Rebound.Engine.Tests.Reference;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Training;

namespace Rebound.Gpu.Tests;

public sealed class CudaBackendTests
{
    [Fact]
    public void Two_deterministic_backends_give_the_same_bits()
    {
        Gpu.Require();
        Assert.Equal(Step(), Step());
    }

    [Fact]
    public void What_one_backend_compiled_the_next_one_reads()
    {
        Gpu.Require();
        var folder = Directory.CreateTempSubdirectory("rebound-kernels-");
        try
        {
            Assert.Equal((1, 0), (CompiledBy(folder.FullName), CompiledBy(folder.FullName)));
            Array.ForEach(folder.GetFiles("*.cubin"), file => File.WriteAllText(file.FullName, "damaged"));
            Assert.Equal(1, CompiledBy(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(LlamaVariant.Llama, 64, false)]
    [InlineData(LlamaVariant.Llama, 128, true)]
    [InlineData(LlamaVariant.Qwen3, 80, false)]
    public void What_was_warmed_up_is_all_that_a_training_step_compiles(LlamaVariant variant, int headDim, bool lora)
    {
        Gpu.Require();
        var config = SmallModel.Config(variant, headDim, feedForward: 1000);
        var settings = lora ? new LoraSettings { Dropout = 0.1f } : null;
        var folder = Directory.CreateTempSubdirectory("rebound-kernels-");
        try
        {
            using (var warmingUp = new CudaBackend(new CudaOptions { CacheFolder = folder.FullName }))
            {
                KernelWarmUp.Run(warmingUp, config, settings, new AdamWOptions { MaxGradientNorm = 1 });
                Assert.NotEqual(0, warmingUp.CompiledModules);
            }

            using var backend = new CudaBackend(new CudaOptions { CacheFolder = folder.FullName });
            using var model = LlamaModel.Initialize(backend, config, seed: 3);
            if (settings is not null)
            {
                model.Attach(LoraAdapter.Initialize(backend, config, settings, seed: 1));
            }

            int[] tokens = [.. Enumerable.Range(0, 900)];
            using var gradients = model.CreateGradients();
            using var optimizer = new AdamWOptimizer(model.Trainable, new AdamWOptions { MaxGradientNorm = 1 });
            model.LossAndGradients(new PackedBatch(tokens, [0, 400, 900], tokens), gradients, 1e-3f, dropoutSeed: 1);
            optimizer.Step(gradients, learningRate: 1e-4f);
            Assert.Equal(0, backend.CompiledModules);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Copies_larger_than_the_staging_memory_arrive_whole()
    {
        var backend = Gpu.Shared;
        const int Count = 20_000_003;
        var plan = new ArenaPlan();
        plan.Add(new TensorSpec("x", new Shape(Count)));
        using var arena = backend.Allocate(plan);
        var (sent, received) = (new float[Count], new float[Count]);
        for (var i = 0; i < Count; i++)
        {
            sent[i] = i % 16_777_213;
        }

        backend.CopyFromHost<float>(arena[0], sent);
        backend.CopyToHost<float>(received, arena[0]);
        Assert.True(sent.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public void A_plan_that_the_device_cannot_hold_is_refused_with_both_sizes()
    {
        var backend = Gpu.Shared;
        var plan = new ArenaPlan();
        plan.Add(new TensorSpec("x", new Shape(1_000_000, 1_000_000)));
        var exception = Assert.Throws<InsufficientMemoryException>(() => backend.Allocate(plan));
        Assert.Contains("4000.00 GB are needed", exception.Message, StringComparison.Ordinal);
        Assert.True(backend.FreeBytes > 0);
    }

    [Fact]
    public void A_gpu_that_is_not_there_is_refused_by_number()
    {
        Gpu.Require();
        var exception = Assert.Throws<PlatformNotSupportedException>(() => new CudaBackend(new CudaOptions { Device = 99 }));
        Assert.Contains("There is no GPU 99", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Operations_may_come_from_another_thread()
    {
        var backend = Gpu.Shared;
        using var memory = new GuardedMemory(backend);
        var tensor = memory.Garbage(1000);
        var thread = new Thread(() => backend.Fill(tensor, 3));
        thread.Start();
        thread.Join();
        Assert.All(memory.Read(tensor), value => Assert.Equal(3, value));
    }

    private static int CompiledBy(string folder)
    {
        using var backend = new CudaBackend(new CudaOptions { CacheFolder = folder });
        using var memory = new GuardedMemory(backend);
        backend.Add(memory.Garbage(8), memory.Garbage(8));
        backend.Synchronize();
        return backend.CompiledModules;
    }

    /// <summary>Products, attention, head and optimizer at the sizes of a small model, from a backend of its own.</summary>
    private static double[] Step()
    {
        const int Hidden = 256, Vocabulary = 3000;
        var (batch, shape) = (Numbers.Batch([700, 300, 24], Vocabulary), new AttentionShape(4, 2, 64, 0.125f));
        using var backend = new CudaBackend(new CudaOptions { Deterministic = true });
        using var memory = new GuardedMemory(backend, DType.BFloat16);
        using var prepared = backend.Prepare(batch);
        var (rows, fusedWidth) = (batch.TokenCount, shape.FusedHeads * shape.HeadDim);
        Tensor Random(int seed, params ReadOnlySpan<int> extents) => memory.Of(
            Precision.Round(Numbers.Normal((int)Shape.Of(extents).Count, seed, deviation: 0.1), DType.BFloat16), extents);

        var (hidden, projection, head) = (Random(1, rows, Hidden), Random(2, fusedWidth, Hidden), Random(3, Vocabulary, Hidden));
        var (fused, sums) = (memory.Garbage(rows, fusedWidth), memory.GarbageFloats(rows, shape.QueryHeads));
        backend.LinearForward(fused, hidden, projection, default);
        var heads = fused.Reshape(new Shape(rows, shape.FusedHeads, shape.HeadDim));
        var output = memory.Garbage(rows, shape.QueryHeads, shape.HeadDim);
        backend.AttentionForward(output, sums, heads, prepared, shape);
        var supervised = batch.SupervisedRows.Length;
        var (attended, dSupervised) = (memory.Garbage(supervised, Hidden), memory.Garbage(supervised, Hidden));
        backend.GatherRows(attended, output.Reshape(new Shape(rows, Hidden)), prepared);
        var (dAttended, dHead) = (memory.Garbage(rows, Hidden), memory.GarbageFloats(Vocabulary, Hidden));
        var scratch = memory.GarbageFloats(backend.CrossEntropyHeadScratch(supervised, Vocabulary));
        var losses = memory.GarbageFloats(supervised);
        backend.CrossEntropyHead(losses, dSupervised, dHead, attended, head, prepared, scratch, 0.01f);
        backend.ScatterRows(dAttended, dSupervised, prepared);
        var dFused = memory.Garbage(rows, shape.FusedHeads, shape.HeadDim);
        backend.AttentionBackward(dFused, dAttended.Reshape(output.Shape), output, sums, heads, prepared, shape);
        var dProjection = memory.GarbageFloats(fusedWidth, Hidden);
        backend.LinearBackwardWeight(dProjection, default, dFused.Reshape(fused.Shape), hidden);
        return [.. memory.Read(losses), .. memory.Read(dHead), .. memory.Read(dFused), .. memory.Read(dProjection)];
    }
}
