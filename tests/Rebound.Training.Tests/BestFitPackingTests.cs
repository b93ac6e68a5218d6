using Rebound.Python;

namespace Rebound.Training.Tests;

public sealed class BestFitPackingTests
{
    [Fact]
    public void Every_document_is_packed_once_and_no_pack_exceeds_the_budget()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new PythonRandom(seed);
            var budget = 1 + random.Sample(100, 1)[0];
            var lengths = random.Sample(150, 1 + seed % 60).Select(length => length + 1).ToArray();
            var packs = BestFitPacking.Pack(lengths, budget);

            Assert.Equal(Enumerable.Range(0, lengths.Length), packs.SelectMany(pack => pack).Order());
            Assert.All(packs, pack => Assert.True(pack.Length == 1 || pack.Sum(d => lengths[d]) <= budget));
            Assert.All(packs, pack => Assert.Equal(pack.Order(), pack));
        }
    }

    [Fact]
    public void No_two_packs_would_fit_into_one()
    {
        var lengths = new PythonRandom(1).Sample(500, 100).Select(length => length + 1).ToArray();
        var loads = BestFitPacking.Pack(lengths, 512).Select(pack => pack.Sum(d => lengths[d])).Order().ToArray();
        Assert.True(loads[0] + loads[1] > 512);
    }

    [Fact]
    public void The_tightest_room_is_filled_first()
    {
        // 6 and 5 open two packs; 4 fits both and belongs where it leaves nothing over.
        Assert.Equal([[0, 2], [1]], BestFitPacking.Pack([6, 5, 4], 10));
        Assert.Equal([[1], [0, 2]], BestFitPacking.Pack([5, 6, 5], 10));
    }

    [Fact]
    public void A_document_longer_than_the_budget_goes_alone() =>
        Assert.Equal([[1], [0, 2]], BestFitPacking.Pack([3, 20, 4], 10));
}
