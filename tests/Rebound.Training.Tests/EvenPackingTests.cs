using Rebound.Python;

namespace Rebound.Training.Tests;

public sealed class EvenPackingTests
{
    [Fact]
    public void As_many_packs_as_best_fit_has_hold_every_document_once_within_the_budget()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new PythonRandom(seed);
            var budget = 1 + random.Sample(200, 1)[0];
            var lengths = random.Sample(150, 1 + (seed % 60)).Select(length => length + 1).ToArray();
            var packs = EvenPacking.Pack(lengths, budget);

            Assert.Equal(BestFitPacking.Pack(lengths, budget).Length, packs.Length);
            Assert.Equal(Enumerable.Range(0, lengths.Length), packs.SelectMany(pack => pack).Order());
            Assert.All(packs, pack => Assert.True(pack.Length == 1 || pack.Sum(d => lengths[d]) <= budget));
            Assert.All(packs, pack => Assert.Equal(pack.Order(), pack));
        }
    }

    [Fact]
    public void Packs_are_filled_evenly() =>
        Assert.Equal([[0, 3], [1, 2]], EvenPacking.Pack([5, 4, 3, 2], 10).OrderBy(pack => pack[0]));

    [Fact]
    public void A_document_longer_than_the_budget_goes_alone() =>
        Assert.Equal([[0, 2], [1]], EvenPacking.Pack([3, 20, 4], 10).OrderBy(pack => pack[0]));
}
