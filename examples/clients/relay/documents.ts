import { graphql } from 'relay-runtime';

// Read by relay-compiler, which writes __generated__/; in an app its Babel plugin joins the two.
// npx relay-compiler examples/clients/relay/relay.config.json
export const list = () => graphql`
  query documentsListQuery($after: String, $status: InstanceStatus) {
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
