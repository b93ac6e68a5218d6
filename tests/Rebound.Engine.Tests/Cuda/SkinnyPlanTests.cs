using Rebound.Engine.Cuda;

namespace Rebound.Engine.Tests.Cuda;

public sealed class SkinnyPlanTests
{
    public static TheoryData<int, int> Sizes => new()
    {
        { 1, 32 }, { 19, 64 }, { 576, 576 }, { 960, 576 }, { 576, 1536 }, { 1536, 576 }, { 49152, 576 }, { 4096, 4096 }, { 12288, 4096 },
        { 11008, 4096 }, { 4096, 11008 }, { 32000, 4096 }, { 8192, 28672 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_products_blocks_fit_the_gpu_and_cover_the_output(int outer, int inner)
    {
        foreach (var (rows, mostSharedBytes) in from rows in Enumerable.Range(1, 200)
                                                from bytes in new[] { 99 * 1024, 232_448 }
                                                select (rows, bytes))
        {
            foreach (var (normed, gated) in new[] { (false, false), (true, false), (true, true) })
            {
                var plan = SkinnyPlan.Of(rows, outer, inner, normed, gated, multiprocessors: 132, mostSharedBytes);
                var squares = plan.InnerWarps * plan.OuterWarps * 8 * plan.RowTiles * sizeof(float);
                Assert.InRange(plan.SharedBytes + (normed ? squares : 0), 1, mostSharedBytes);
                Assert.InRange(plan.Block.X * plan.Block.Y, 32, 512);
                var (outerOfBlock, rowsOfBlock) = (16 * (gated ? 1 : plan.OuterTiles) * plan.OuterWarps, 8 * plan.RowTiles);
                Assert.Equal(((outer + outerOfBlock - 1) / outerOfBlock, (rows + rowsOfBlock - 1) / rowsOfBlock), plan.Grid(rows, outer));
                Assert.True(rows > 64 || plan.Grid(rows, outer).Y == 1);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_order_of_a_rows_sums_does_not_depend_on_how_many_rows_there_are(int outer, int inner) => Assert.Single(
        Enumerable.Range(1, 200).Select(rows => SkinnyPlan.Of(rows, outer, inner, false, false, 132, 232_448).InnerWarps).Distinct());
}
