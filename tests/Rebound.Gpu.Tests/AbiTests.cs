using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Rebound.Engine;
using Rebound.Engine.Cuda;
using Rebound.Engine.Cuda.Interop;

namespace Rebound.Gpu.Tests;

/// <summary>Sizes and offsets that NVIDIA's libraries and the kernels assume; they need no GPU.</summary>
public sealed class AbiTests
{
    [Fact]
    public void A_matrix_product_algorithm_is_64_bytes() => Assert.Equal(64, Unsafe.SizeOf<ProductAlgorithm>());

    [Fact]
    public void A_heuristic_result_is_96_bytes() => Assert.Equal(96, Unsafe.SizeOf<HeuristicResult>());

    [Fact]
    public void A_name_of_NCCL_is_128_bytes() => Assert.Equal(128, Unsafe.SizeOf<NcclUniqueId>());

    [Theory]
    [InlineData(nameof(HeuristicResult.Algorithm), 0)]
    [InlineData(nameof(HeuristicResult.WorkspaceBytes), 64)]
    [InlineData(nameof(HeuristicResult.State), 72)]
    [InlineData(nameof(HeuristicResult.WavesCount), 76)]
    [InlineData(nameof(HeuristicResult.Rest), 80)]
    public void A_heuristic_results_fields_lie_where_the_library_writes_them(string field, int offset) =>
        Assert.Equal(offset, (int)Marshal.OffsetOf<HeuristicResult>(field));

    [Fact]
    public void A_launch_is_described_as_the_driver_reads_it()
    {
        Assert.Equal((56, 72), (Unsafe.SizeOf<LaunchConfig>(), Unsafe.SizeOf<LaunchAttribute>()));
        Assert.Equal(
            (24, 32, 40, 48), (
                OffsetOf(nameof(LaunchConfig.SharedBytes)), OffsetOf(nameof(LaunchConfig.Stream)),
                OffsetOf(nameof(LaunchConfig.Attributes)), OffsetOf(nameof(LaunchConfig.AttributeCount))));

        static int OffsetOf(string field) => (int)Marshal.OffsetOf<LaunchConfig>(field);
    }

    [Fact]
    public void A_tile_entry_is_an_int4() => Assert.Equal(16, Unsafe.SizeOf<TileEntry>());

    [Fact]
    public void Rows_edits_and_results_of_sampling_are_of_the_kernels_sizes() => Assert.Equal(
        (64, 16, 8), (Unsafe.SizeOf<DeviceSamplingRow>(), Unsafe.SizeOf<LogitEdit>(), Unsafe.SizeOf<LikelyToken>()));

    [Theory]
    [InlineData("_raw", 8)]
    [InlineData("_uniform", 16)]
    [InlineData("_logitRow", 24)]
    [InlineData("_editCount", 28)]
    [InlineData("_temperature", 32)]
    [InlineData("_topP", 36)]
    [InlineData("_minP", 40)]
    [InlineData("_guidance", 44)]
    [InlineData("_topK", 48)]
    [InlineData("_guided", 52)]
    [InlineData("_likeliest", 56)]
    public void A_sampling_rows_fields_lie_where_the_kernel_reads_them(string field, int offset) =>
        Assert.Equal(offset, (int)Marshal.OffsetOf<DeviceSamplingRow>(field));

    [Fact]
    public void A_kernel_argument_begins_with_the_bytes_of_its_value()
    {
        KernelArgument number = 1.5f, negative = -3;
        Assert.Equal(1.5f, Unsafe.As<KernelArgument, float>(ref number));
        Assert.Equal(-3, Unsafe.As<KernelArgument, int>(ref negative));
    }

    [Fact]
    public unsafe void A_kernel_argument_is_read_where_it_lies_and_a_tensor_map_where_it_is()
    {
        var map = default(TensorMap);
        KernelArgument number = 7, description = &map;
        Assert.True(KernelArgument.Address(&number) == &number);
        Assert.True(KernelArgument.Address(&description) == &map);
        Assert.Equal(128, sizeof(TensorMap));
    }
}
