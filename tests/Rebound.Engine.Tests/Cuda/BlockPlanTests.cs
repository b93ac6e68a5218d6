using Rebound.Engine.Cuda;

namespace Rebound.Engine.Tests.Cuda;

public sealed class BlockPlanTests
{
    private static readonly DType[] Types =
        [DType.Q8_0, DType.Q5_1, DType.Q5_0, DType.Q4_1, DType.Q4_0, DType.Q6_K, DType.Q5_K, DType.Q4_K];

    public static TheoryData<int, int> Sizes => new()
    {
        { 1, 256 }, { 19, 512 }, { 576, 768 }, { 49152, 768 }, { 4096, 4096 }, { 12288, 4096 }, { 11008, 4096 }, { 4096, 11008 },
        { 32000, 4096 }, { 8192, 28672 },
    };

    [Fact]
    public void A_record_has_the_bytes_of_its_blocks()
    {
        foreach (var type in Types)
        {
            var form = BlockForm.Of(type);
            Assert.Equal(type.BytesOf(BlockForm.TileRows * form.Columns), form.RecordBytes);
            Assert.Equal(0, form.RecordBytes % 16);
        }

        Assert.Throws<NotSupportedException>(() => BlockForm.Of(DType.Float16));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_products_blocks_fit_the_gpu_and_cover_the_output(int outer, int width)
    {
        foreach (var (type, rows, mostSharedBytes) in from type in Types
                                                      from rows in Enumerable.Range(1, 80)
                                                      from bytes in new[] { 99 * 1024, 232_448 }
                                                      select (type, rows, bytes))
        {
            foreach (var (normed, gated) in new[] { (false, false), (true, false), (true, true) })
            {
                if (normed && !BlockPlan.CanNorm(rows, width, mostSharedBytes))
                {
                    continue;
                }

                var plan = BlockPlan.Of(BlockForm.Of(type), rows, outer, width, normed, gated, multiprocessors: 132, mostSharedBytes);
                Assert.InRange(plan.SharedBytes(rows, width), 1, mostSharedBytes - 512);
                Assert.InRange(plan.Kernel.Stages, 1, 4);
                Assert.InRange(plan.Block.X * plan.Block.Y, 32, plan.Kernel.Threads);
                Assert.True(!gated || plan.Kernel.OuterTiles == 2);
                var (outerOfBlock, rowsOfBlock) =
                    (16 * (gated ? 1 : plan.Kernel.OuterTiles) * plan.OuterWarps, rows == 1 ? 1 : 8 * plan.Kernel.RowTiles);
                Assert.Equal(rows == 1, plan.Kernel.IsOfOneRow);
                Assert.Equal(((outer + outerOfBlock - 1) / outerOfBlock, (rows + rowsOfBlock - 1) / rowsOfBlock), plan.Grid(rows, outer));
                Assert.True(rows > BlockPlan.MostRows || plan.Grid(rows, outer).Y == 1);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Blocks_of_one_row_lie_evenly_on_multiprocessors(int outer, int width)
    {
        foreach (var (type, mostSharedBytes) in from type in Types from bytes in new[] { 99 * 1024, 232_448 } select (type, bytes))
        {
            foreach (var gated in new[] { false, true })
            {
                var plan = BlockPlan.Of(BlockForm.Of(type), 1, outer, width, normed: false, gated, multiprocessors: 132, mostSharedBytes);
                var together = (mostSharedBytes + 1024) / (plan.SharedBytes(1, width) + 1024);
                Assert.InRange(together, 1, (plan.Grid(1, outer).X + 131) / 132);
                Assert.InRange(plan.InnerWarps, 1, BlockForm.Of(type).RecordsOf(width));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_order_of_a_rows_sums_does_not_depend_on_how_many_rows_there_are(int outer, int width) => Assert.All(
        Types,
        type => Assert.Single(Enumerable.Range(1, 200)
            .Select(rows => BlockPlan.Of(BlockForm.Of(type), rows, outer, width, false, false, 132, 232_448, batchInvariant: true))
            .Select(plan => (plan.InnerWarps, plan.Kernel.ScalesLast)).Distinct()));
}
