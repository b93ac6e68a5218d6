using Rebound.Engine;
using Rebound.Engine.Collectives;
using Rebound.Engine.Cuda;
using Rebound.Engine.Cuda.Collectives;

namespace Rebound.Gpu.Tests;

/// <summary>Ranks that are threads with a GPU each.</summary>
public sealed class NcclTests
{
    private const int PartElements = 1000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Collectives_give_every_rank_what_the_ranks_have(int size)
    {
        Require(size);
        ThreadCommunicator.Run(size, processes =>
        {
            using var backend = new CudaBackend(new CudaOptions { Device = processes.Rank });
            using var ranks = new NcclCommunicator(backend, processes);
            var count = PartElements * size;
            var plan = new ArenaPlan();
            plan.Add(new TensorSpec("tensor", new Shape(count)));
            using var arena = backend.Allocate(plan);
            var tensor = arena[0];
            float[] sum = [.. Enumerable.Range(0, count)
                .Select(i => Enumerable.Range(0, size).Sum(rank => (float)((rank * PartElements) + 1 + i)))];

            Assert.Equal(sum, After(backend, tensor, ranks.Rank, ranks.AllReduce));
            Assert.Equal(
                Part(sum, ranks.Rank), Part(After(backend, tensor, ranks.Rank, ranks.ReduceScatter), ranks.Rank));
            Assert.Equal(
                Enumerable.Range(0, size).SelectMany(rank => Part(Values(rank, count), rank)),
                After(backend, tensor, ranks.Rank, ranks.AllGather));
            Assert.Equal(Values(size - 1, count), After(backend, tensor, ranks.Rank, all => ranks.Broadcast(all, size - 1)));
            Assert.Equal(Part(sum, ranks.Rank), Part(After(backend, tensor, ranks.Rank, all => ranks.Wait(ranks.BeginReduceScatter(all))), ranks.Rank));
            Assert.Equal(
                Enumerable.Range(0, size).SelectMany(rank => Part(Values(rank, count), rank)),
                After(backend, tensor, ranks.Rank, all => ranks.Wait(ranks.BeginAllGather(all))));
            Assert.Equal(size, ranks.Sum(1));
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_is_begun_sees_what_was_computed_before_and_what_waits_sees_all(int size)
    {
        const int Tensors = 100;
        Require(size);
        ThreadCommunicator.Run(size, processes =>
        {
            using var backend = new CudaBackend(new CudaOptions { Device = processes.Rank });
            using var ranks = new NcclCommunicator(backend, processes);
            var plan = new ArenaPlan();
            for (var i = 0; i < Tensors; i++)
            {
                plan.Add(new TensorSpec($"tensor {i}", new Shape(size << 20)));
            }

            using var arena = backend.Allocate(plan);
            var pending = new PendingCollective[Tensors];
            for (var i = 0; i < Tensors; i++)
            {
                backend.Fill(arena[i], i + 1);
                pending[i] = ranks.BeginReduceScatter(arena[i]);
            }

            for (var i = 0; i < Tensors; i++)
            {
                ranks.Wait(pending[i]);
                var own = arena[i].Rows(ranks.Rank << 20, 1 << 20);
                backend.Add(own, own);
                Assert.Equal((i + 1.0) * (i + 1) * 4 * size * size * (1 << 20), backend.SumOfSquares([own]), 1e-6 * size * (1 << 20));
            }
        });
    }

    [Fact]
    public void A_rank_that_gives_up_frees_those_that_wait_on_the_device()
    {
        Require(2);
        var failure = Assert.Throws<InvalidDataException>(() => ThreadCommunicator.Run(2, processes =>
        {
            using var backend = new CudaBackend(new CudaOptions { Device = processes.Rank });
            using var ranks = new NcclCommunicator(backend, processes);
            var plan = new ArenaPlan();
            plan.Add(new TensorSpec("tensor", new Shape(PartElements)));
            using var arena = backend.Allocate(plan);
            if (ranks.Rank == 1)
            {
                throw new InvalidDataException("a broken file");
            }

            ranks.AllReduce(arena[0]);
            ranks.Failed.WaitHandle.WaitOne();
            Assert.Equal("Rank 1 gave up: a broken file.", Assert.Throws<CommunicationException>(() => ranks.AllReduce(arena[0])).Message);
        }));

        Assert.Equal("a broken file", failure.Message);
    }

    private static void Require(int gpus)
    {
        Gpu.Require();
        var (found, nccl) = (CudaRuntime.Find().Devices.Found.Count, CudaRuntime.Find().Nccl);
        Assert.SkipUnless(found >= gpus, $"{gpus} GPUs are needed, and {found} found.");
        Assert.SkipUnless(nccl.IsLoaded, "NCCL was not found.");
    }

    /// <summary>Of a rank: element i is rank × 1000 + 1 + i.</summary>
    private static float[] Values(int rank, int count) => [.. Enumerable.Range(0, count).Select(i => (float)((rank * PartElements) + 1 + i))];

    private static IEnumerable<float> Part(IEnumerable<float> values, int rank) => values.Skip(rank * PartElements).Take(PartElements);

    private static float[] After(CudaBackend backend, Tensor tensor, int rank, Action<Tensor> collective)
    {
        backend.CopyFromHost<float>(tensor, Values(rank, (int)tensor.Count));
        collective(tensor);
        var values = new float[tensor.Count];
        backend.CopyToHost(values.AsSpan(), tensor);
        return values;
    }
}
