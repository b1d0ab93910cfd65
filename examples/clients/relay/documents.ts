import { graphql } from 'relay-runtime';

// relay-compiler reads this file and writes __generated__/. In an app, Relay's Babel plugin
// connects the two. npx relay-compiler examples/clients/relay/relay.config.json
export const list = () => graphql`
  query documentsListQuery($after: String, $status: InstanceStatusFilter) {
    instances(first: 100, after: $after, status: $status) {
      edges {
        node {
          id
          name
          status
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

export const changes = () => graphql`
  subscription documentsChangesSubscription($status: InstanceStatusFilter) {
    instances(status: $status) {
      complete
      changed {
        id
        name
        status
      }
      gone
    }
  }
`;
